"""What history has kept of a sign-off, as far as a replay under other terms can use it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from placet_approval.domain.feedback import Feedback
from placet_approval.domain.involvement import Claim
from placet_approval.domain.policy_terms import PolicyTerms, SignatureTerm
from placet_approval.domain.sign_off_quorum import Approval

__all__ = ["EarlierPolicies", "EarlierSpan", "PastRun", "PastSignOff", "environment_before"]


@dataclass(frozen=True, slots=True)
class PastRun:
    """A plan's newest run before the decision; `bound`: the sign-off rests on that plan.

    `held_out` is None where the data were not recorded.
    """

    plan: str
    passed: bool
    finished_at: datetime
    bound: bool
    held_out: bool | None


@dataclass(frozen=True, slots=True)
class EarlierSpan:
    """A time for which an approval of the same bytes was in force in an earlier environment, or for which they ran there."""

    environment: str
    since: datetime
    until: datetime | None

    def covers(self, at: datetime) -> bool:
        """Whether `at` is in it."""
        return self.since <= at and (self.until is None or at < self.until)

    def before(self, at: datetime) -> timedelta:
        """How much of it was over at `at`."""
        return max(min(self.until or at, at) - self.since, timedelta())


@dataclass(frozen=True, slots=True)
class PastSignOff:
    """One sign-off in its last round.

    `at` is when it was approved; for one that never was, when its last signature was given, or else when it was requested. `policy` is the
    version that it was bound to. `signatures` are in the order in which they were given, and only those that counted in the end; `claims`
    are those that were made before `at`. `findings` is the number of advisory checks that were not met. `approvals_before` and
    `deployed_before` are read only for drafts that ask for the environment before.
    """

    sign_off_id: str
    model_id: str
    state: str
    approved: bool
    requester: str
    requested_at: datetime
    at: datetime
    in_force_until: datetime | None
    policy: PolicyTerms | None
    terms: Sequence[SignatureTerm]
    signatures: Sequence[Approval]
    answers: Sequence[Feedback]
    claims: Sequence[Claim]
    runs: Sequence[PastRun]
    findings: int = 0
    approvals_before: Sequence[EarlierSpan] = ()
    deployed_before: Sequence[EarlierSpan] = ()


@dataclass(frozen=True, slots=True)
class EarlierPolicies:
    """An earlier environment, and from when on each version of its policy asked for signatures, or did not; oldest first."""

    environment: str
    asks: Sequence[tuple[datetime, bool]]

    def asked(self, at: datetime) -> bool:
        """One without a policy denies, and so stands for one that asks."""
        known = [asks for since, asks in self.asks if since <= at]
        return known[-1] if known else True


def environment_before(earlier: Iterable[EarlierPolicies], at: datetime) -> str | None:
    """The nearest whose policy asked for signatures at that time; `earlier` are the nearest first, in the order of today."""
    return next((one.environment for one in earlier if one.asked(at)), None)
