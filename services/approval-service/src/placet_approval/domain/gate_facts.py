"""The facts for a gate decision: all that is known about the question, read in one snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from placet_approval.domain.artifact_standing import StandingNo
from placet_approval.domain.break_glass import Glass
from placet_approval.domain.debt_ledger import Debt
from placet_approval.domain.gate_reasons import Reason
from placet_approval.domain.involvement import Claim
from placet_approval.domain.known_sign_off import STANDING, KnownSignOff
from placet_approval.domain.policies_in_force import GovernedModel, PoliciesInForce
from placet_approval.domain.policy_terms import PolicyVersion
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.step_completion import StepDone
from placet_approval.domain.subjects import GovernedVersion, PlanInForce, Verification
from placet_shared.model_selectors import SelectableModel

__all__ = ["Candidate", "DeployedSpan", "EarlierEnvironment", "GateFacts", "GateQuestion"]


@dataclass(frozen=True, slots=True)
class GateQuestion:
    """May this go to this environment now? Named by digest, by model and number, by version, or by several of these."""

    environment: str
    digest: str | None = None
    model: str | None = None
    number: int | None = None
    version_id: str | None = None

    def content(self) -> dict[str, Any]:
        """Plain JSON for an event. A model's name is left out: a caller may have sent any text there."""
        return {"environment": self.environment, "digest": self.digest, "number": self.number, "version_id": self.version_id}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version that the question may mean, with its sign-offs for the environment, newest first.

    `models` are its own and those that had a version of its bytes before, None when there are too
    many to look at; `plans` are those in force for any of them.
    `debts` are those of its bytes and of every model that has them. `mates` are the other members of the release, where the approval that
    decides is part of one.
    `claims`, `noes` and `training_data`, by digest, are about its bytes, from any version that has them. `earlier` are the environments
    before, nearest first, when a policy asks for them. `steps_done` are the steps that people
    completed for the bytes.
    `policy` is what a request would be bound to, `bound` what counts for the deciding sign-off while it is open or in force; both None
    where the environment's own policy counts.
    """

    version: GovernedVersion
    models: tuple[SelectableModel, ...] | None = ()
    plans: tuple[PlanInForce, ...] = ()
    champion: str | None = None
    runs: tuple[Verification, ...] = ()
    sign_offs: tuple[KnownSignOff, ...] = ()
    claims: tuple[Claim, ...] = ()
    noes: tuple[StandingNo, ...] = ()
    in_office: Mapping[str, frozenset[str]] = field(default_factory=dict)
    training_data: frozenset[str] = frozenset()
    glasses: tuple[Glass, ...] = ()
    debts: tuple[Debt, ...] = ()
    earlier: tuple["EarlierEnvironment", ...] = ()
    mates: tuple["Candidate", ...] = ()
    governed: GovernedModel | None = None
    policy: PolicyVersion | None = None
    bound: PolicyVersion | None = None
    steps_done: tuple[StepDone, ...] = ()

    @property
    def deciding(self) -> KnownSignOff | None:
        """The sign-off that counts: the newest that people have decided on, else the newest pending one, else the newest.

        An approval that facts have ended says less than what was requested after it.
        """
        pending = [one for one in self.sign_offs if one.state == "pending"]
        newest = self.newest_decided
        if newest and (newest.state == "approved" or (not pending and newest.state != "invalidated")):
            return newest
        return next(iter(pending or self.sign_offs), None)

    @property
    def newest_decided(self) -> KnownSignOff | None:
        """The newest that people have decided on."""
        return next((one for one in self.sign_offs if one.decided), None)

    def governed_by(self, policies: PoliciesInForce) -> "Candidate":
        """With the policies that count for it."""
        if self.governed is None:
            return self
        known = self.deciding
        stands = known is not None and (known.state == "pending" or known.state in STANDING)
        bound = policies.for_bound(known.binding.policy, known.requested_at, self.governed) if known and stands else None
        return replace(self, policy=policies.for_request(self.governed), bound=bound)

    def policy_at(self, at: datetime, otherwise: PolicyVersion | None) -> PolicyVersion | None:
        """The policy that counts: the terms of an approval whose time is over count no more."""
        known = self.deciding
        over = known is not None and known.state == "approved" and (known.expires_at is None or known.expires_at <= at)
        return (None if over else self.bound) or self.policy or otherwise

    def circumstances(self, policy: PolicyVersion) -> Circumstances:
        """The facts about this version."""
        return Circumstances(
            self.version,
            policy,
            self.runs,
            self.plans,
            self.champion,
            self.claims,
            self.noes,
            in_office=self.in_office,
            training_data=self.training_data,
            steps_done=self.steps_done,
        )


@dataclass(frozen=True, slots=True)
class DeployedSpan:
    """From when to when the bytes were reported to be deployed; `until` None: they still are."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class EarlierEnvironment:
    """An environment before the one in question; `policy` is in force there for the model, and `versions` are those of the model with the
    same bytes that were approved there, `noes` stand against the bytes there, and `deployed` are the times in which the model ran there
    with them. `governed` is what the policy was chosen by."""

    name: str
    policy: PolicyVersion | None
    versions: tuple[Candidate, ...] = ()
    noes: tuple[StandingNo, ...] = ()
    deployed: tuple[DeployedSpan, ...] = ()
    governed: GovernedModel | None = None


@dataclass(frozen=True, slots=True)
class GateFacts:
    """`candidates` are what fits the question, newest first; `model_known` says whether the model that it names exists.

    `policy` is the environment's own, which counts where no candidate has another. `mismatch` is the digest that the named version really
    has, when it is not the one asked about.
    """

    environment_known: bool
    model_known: bool = True
    candidates: tuple[Candidate, ...] = ()
    mismatch: str | None = None
    policy: PolicyVersion | None = None
    knowledge_gaps: tuple[Reason, ...] = ()
    positions: Mapping[str, str] = field(default_factory=dict)
