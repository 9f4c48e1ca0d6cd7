"""What a sign-off is bound to, and how a change of it is detected."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self

from placet_approval.domain.artifact_standing import StandingNo
from placet_approval.domain.evidence import BoundEvidence, run_renewing, still_measured
from placet_approval.domain.involvement import Claim
from placet_approval.domain.policy_terms import PolicyVersion
from placet_approval.domain.step_completion import StepDone
from placet_approval.domain.subjects import GovernedVersion, PlanInForce, Verification, newest

__all__ = ["Binding", "Bound", "Change", "Circumstances", "age_of", "changes", "has_another_champion"]

Bound = Literal["artifact_sha256", "evidence", "policy", "excluded", "same_bytes", "signers", "release"]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The current facts: the version, its runs for the environment, the plans and the policy in force there,
    and the artifact of the model that is deployed there.

    `claims`, `noes` and `training_data`, by digest, are about the version's bytes, from any version that has them; `standing` is the
    version of the stream that counts the noes. `in_office` has the signers' roles by person; a signer who is not in it is not active any
    more. `steps_done` are the steps that people completed for the bytes in the environment. `carried_issues` are major issues on the bytes
    that no group has resolved, as a request names them, and `findings` the advisory checks of the fresh runs that were not met; only
    requests know both. `issuers_apart`: signatures with tokens that one person issued do not add up; only signatures know it.
    """

    version: GovernedVersion
    policy: PolicyVersion
    runs: Sequence[Verification] = ()
    plans: Sequence[PlanInForce] = ()
    champion: str | None = None
    claims: Sequence[Claim] = ()
    noes: Sequence[StandingNo] = ()
    standing: int = 0
    in_office: Mapping[str, frozenset[str]] = field(default_factory=dict)
    training_data: frozenset[str] = frozenset()
    carried_issues: Sequence[Mapping[str, str]] = ()
    findings: Sequence[Mapping[str, str]] = ()
    steps_done: Sequence[StepDone] = ()
    issuers_apart: bool = False

    def fresh_run(self, plan: PlanInForce) -> Verification | None:
        """The run that a request made now rests on, of one plan: the newest by the version in force."""
        return newest(run for run in self.runs if run.plan == plan.current)

    @property
    def fresh_runs(self) -> Sequence[Verification]:
        """One for each plan in force that has any."""
        return [run for plan in self.plans if (run := self.fresh_run(plan))]


@dataclass(frozen=True, slots=True)
class Binding:
    """The bytes, the evidence and the terms that people agree to when they sign."""

    model_id: str
    version_id: str
    environment: str
    artifact_sha256: str
    evidence: tuple[BoundEvidence, ...]
    policy: Mapping[str, Any]
    requester: str

    @classmethod
    def to(cls, now: Circumstances, requester: str) -> Self:
        """Bind to how things are."""
        return cls(
            model_id=now.version.model_id,
            version_id=now.version.version_id,
            environment=now.policy.terms.environment,
            artifact_sha256=now.version.artifact_sha256,
            evidence=tuple(BoundEvidence.of(run) for run in now.fresh_runs),
            policy=now.policy.reference(),
            requester=requester,
        )

    def content(self) -> dict[str, Any]:
        """The fields in which events carry it, beside those that every event of a sign-off has."""
        return {
            "artifact_sha256": self.artifact_sha256,
            "evidence": [evidence.content() for evidence in self.evidence],
            "policy": dict(self.policy),
        }


@dataclass(frozen=True, slots=True)
class Change:
    """One bound thing that is no longer what it was; `old` and `new` are plain JSON."""

    field: Bound
    old: Any
    new: Any


def changes(binding: Binding, now: Circumstances) -> tuple[Change, ...]:
    """Everything bound that has changed: bytes, evidence, policy.

    A later run that measures the same renews the evidence and is no change, and neither is a first result where none was bound. A plan
    version that takes effect at once changes what evidence is needed.
    """
    found: list[Change] = []
    if now.version.artifact_sha256 != binding.artifact_sha256:
        found.append(Change("artifact_sha256", binding.artifact_sha256, now.version.artifact_sha256))
    found += _measured_otherwise(binding, now)
    found += _required_at_once(binding, now)
    if now.policy.reference() != binding.policy:
        found.append(Change("policy", dict(binding.policy), now.policy.reference()))
    return tuple(found)


def _measured_otherwise(binding: Binding, now: Circumstances) -> Iterator[Change]:
    for bound in binding.evidence:
        if not still_measured(bound, now.runs):
            run = run_renewing(bound, now.runs)
            yield Change("evidence", bound.content(), BoundEvidence.of(run).content() if run else None)


def _required_at_once(binding: Binding, now: Circumstances) -> Iterator[Change]:
    if now.policy.terms.verification is None:
        return
    for plan in now.plans:
        bound = next((one for one in binding.evidence if one.plan_id == plan.current.plan_id), None)
        if plan.required_version > (bound.version or 0 if bound else 0):
            needed = {"plan_id": plan.current.plan_id, "plan": plan.current.name, "version": plan.current.version}
            unknown = {"sha256": plan.current.sha256, "run_id": None, "result_sha256": None}
            yield Change("evidence", bound.content() if bound else None, {**needed, **unknown})


def has_another_champion(run: Verification, now: Circumstances) -> bool:
    """Whether the run compared the version with something else than what is deployed now."""
    return run.compares and run.champion != now.champion


def age_of(verification: Verification, at: datetime) -> float:
    """Seconds since the run ended."""
    return (at - verification.finished_at).total_seconds()
