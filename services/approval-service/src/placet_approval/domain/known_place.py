"""What is known of a version in one environment, as board and steps show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from placet_approval.domain.gate_facts import DeployedSpan
from placet_approval.domain.policy_terms import PolicyTerms, SignatureTerm
from placet_approval.domain.sign_off_quorum import Approval
from placet_approval.domain.step_completion import StepDone

__all__ = ["KnownPlace", "PlanOutcome", "ShownSignOff"]


@dataclass(frozen=True, slots=True)
class PlanOutcome:
    """A plan in force, and how its newest run ended; `passed` None: there is none by the version in force."""

    plan: str
    passed: bool | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownSignOff:
    """A sign-off with the signatures that count; `state` is expired when the time of an approval is over. `feedback_waits`: for groups."""

    sign_off_id: str
    state: str
    terms: Sequence[SignatureTerm]
    approvals: Sequence[Approval]
    requested_at: datetime
    changed_at: datetime
    requester: str = ""
    feedback_waits: bool = False


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """What is known of a version in one environment; `deployed_since` None: it does not run there now.

    `steps_done` are those that people completed for it, and `parts` who of their hands had which part in the bytes. `reopened` has when a
    step was reopened that is open since. `ran` are the times in which its bytes ran there.
    """

    environment: str
    policy: PolicyTerms | None
    plans: Sequence[PlanOutcome]
    sign_off: ShownSignOff | None
    deployed_since: datetime | None
    trainer_named_at: datetime | None = None
    steps_done: Sequence[StepDone] = ()
    parts: Sequence[tuple[str, str]] = ()
    reopened: Mapping[str, datetime] = field(default_factory=dict)
    ran: Sequence[DeployedSpan] = ()

    @property
    def out(self) -> frozenset[str]:
        """The people whose completing does not count, of those who did."""
        excludes = self.policy.excludes if self.policy else ()
        requester = [self.sign_off.requester] if self.sign_off and self.sign_off.state in ("pending", "approved", "suspended") else []
        return frozenset([*requester, *(person for person, part in self.parts if part in excludes)])
