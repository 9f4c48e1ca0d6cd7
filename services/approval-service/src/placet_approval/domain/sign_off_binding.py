"""What a sign-off is bound to, and how a change of it is detected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self

from placet_approval.domain.artifact_standing import StandingNo
from placet_approval.domain.evidence import BoundEvidence, run_renewing
from placet_approval.domain.involvement import Claim
from placet_approval.domain.policy_terms import PolicyVersion
from placet_approval.domain.subjects import GovernedVersion, PlanVersion, Verification, newest, runs_in_force

__all__ = ["Binding", "Bound", "Change", "Circumstances", "changes"]

Bound = Literal["artifact_sha256", "evidence", "policy", "excluded", "same_bytes", "signers"]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The current facts: the version, its runs for the environment, the plan and the policy in force there.

    `claims` and `noes` are about the version's bytes, from any version that has them; `standing` is the version of the stream that counts
    the noes. `in_office` has the signers' roles by person; a signer who is not in it is not active any more.
    """

    version: GovernedVersion
    policy: PolicyVersion
    runs: Sequence[Verification] = ()
    plan: PlanVersion | None = None
    claims: Sequence[Claim] = ()
    noes: Sequence[StandingNo] = ()
    standing: int = 0
    in_office: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def fresh_run(self) -> Verification | None:
        """The run that a request made now rests on: by the plan version in force."""
        return newest(runs_in_force(self.policy.terms.verification, self.plan, self.runs))


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
        run = now.fresh_run
        return cls(
            model_id=now.version.model_id,
            version_id=now.version.version_id,
            environment=now.policy.terms.environment,
            artifact_sha256=now.version.artifact_sha256,
            evidence=(BoundEvidence.of(run),) if run else (),
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

    A later run with the same result renews the evidence and is no change, and neither is a first result where none was bound.
    """
    found: list[Change] = []
    if now.version.artifact_sha256 != binding.artifact_sha256:
        found.append(Change("artifact_sha256", binding.artifact_sha256, now.version.artifact_sha256))
    if binding.evidence:
        bound = binding.evidence[0]
        run = run_renewing(binding.evidence, now.policy.terms.verification, now.runs)
        if run is None or run.result_sha256 != bound.result_sha256:
            found.append(Change("evidence", bound.content(), BoundEvidence.of(run).content() if run else None))
    if now.policy.reference() != binding.policy:
        found.append(Change("policy", dict(binding.policy), now.policy.reference()))
    return tuple(found)


def age_of(verification: Verification, at: datetime) -> float:
    """Seconds since the run ended."""
    return (at - verification.finished_at).total_seconds()
