"""What a sign-off is bound to, and how it is told that one of these things has changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self

from placet_approval.domain.policy_terms import PolicyVersion
from placet_approval.domain.subjects import GovernedVersion, Verification, excluded_people

__all__ = ["Binding", "Bound", "Change", "Circumstances", "changes"]

Bound = Literal["artifact_sha256", "result_sha256", "policy", "excluded"]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How things are now: the version, the run that speaks for it, the policy of the environment."""

    version: GovernedVersion
    verification: Verification | None
    policy: PolicyVersion


@dataclass(frozen=True, slots=True)
class Binding:
    """The bytes, the evidence and the terms that people agree to when they sign."""

    model_id: str
    version_id: str
    environment: str
    artifact_sha256: str
    run_id: str | None
    result_sha256: str | None
    policy: Mapping[str, Any]
    requester: str

    @classmethod
    def to(cls, now: Circumstances, requester: str) -> Self:
        """Bind to how things are."""
        run = now.verification
        return cls(
            model_id=now.version.model_id,
            version_id=now.version.version_id,
            environment=now.policy.terms.environment,
            artifact_sha256=now.version.artifact_sha256,
            run_id=run.run_id if run else None,
            result_sha256=run.result_sha256 if run else None,
            policy=now.policy.reference(),
            requester=requester,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One bound thing that is no longer what it was; `old` and `new` are plain JSON."""

    field: Bound
    old: Any
    new: Any


def changes(binding: Binding, signers: Iterable[str], now: Circumstances) -> tuple[Change, ...]:
    """Everything bound that has changed.

    A later run with the same result renews the evidence and is no change, and neither is a first result where none was bound.
    Somebody who signed and turns out to have had a hand in the version is one: lineage may be reported late.
    """
    found: list[Change] = []
    if now.version.artifact_sha256 != binding.artifact_sha256:
        found.append(Change("artifact_sha256", binding.artifact_sha256, now.version.artifact_sha256))
    result = now.verification.result_sha256 if now.verification else None
    if binding.result_sha256 is not None and result != binding.result_sha256:
        found.append(Change("result_sha256", binding.result_sha256, result))
    if now.policy.reference() != binding.policy:
        found.append(Change("policy", dict(binding.policy), now.policy.reference()))
    excluded = excluded_people(binding.requester, now.version, now.policy.terms.excludes)
    if involved := sorted(set(signers) & set(excluded)):
        found.append(Change("excluded", [], [{"person_id": person, "because": list(excluded[person])} for person in involved]))
    return tuple(found)


def age_of(verification: Verification, at: datetime) -> float:
    """Seconds since the run ended."""
    return (at - verification.finished_at).total_seconds()
