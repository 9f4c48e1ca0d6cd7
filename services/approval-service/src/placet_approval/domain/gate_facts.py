"""What a gate decision is made from: everything known about the question, read in one snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from placet_approval.domain.gate_reasons import Reason
from placet_approval.domain.policy_terms import PolicyVersion
from placet_approval.domain.sign_off import SignOff, SignOffState
from placet_approval.domain.sign_off_binding import Binding, Change
from placet_approval.domain.sign_off_quorum import Progress, progress
from placet_approval.domain.subjects import GovernedVersion, Verification
from placet_approval.domain.timestamps import parse_rfc3339

__all__ = ["Candidate", "GateFacts", "GateQuestion", "KnownSignOff"]


@dataclass(frozen=True, slots=True)
class GateQuestion:
    """May this go to this environment now? Named by digest, by model and number, by version, or by several of these."""

    environment: str
    digest: str | None = None
    model: str | None = None
    number: int | None = None
    version_id: str | None = None

    def content(self) -> dict[str, Any]:
        """Plain JSON for an event. A model's name is left out: what somebody typed there may be anything."""
        return {"environment": self.environment, "digest": self.digest, "number": self.number, "version_id": self.version_id}


@dataclass(frozen=True, slots=True)
class KnownSignOff:
    """A sign-off as it stands."""

    sign_off_id: str
    state: SignOffState
    binding: Binding
    progress: Progress
    signers: tuple[str, ...]
    expires_at: datetime | None
    invalidated: Change | None = None

    @classmethod
    def of(cls, sign_off: SignOff) -> Self:
        """From its own stream."""
        return cls(
            sign_off_id=sign_off.key,
            state=sign_off.state,
            binding=sign_off.binding,
            progress=progress(sign_off.terms, sign_off.approvals),
            signers=tuple(approval.person_id for approval in sign_off.approvals),
            expires_at=parse_rfc3339(sign_off.expires_at) if sign_off.expires_at else None,
            invalidated=sign_off.invalidated,
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version that the question may mean, with its sign-offs for the environment, newest first."""

    version: GovernedVersion
    runs: tuple[Verification, ...] = ()
    sign_offs: tuple[KnownSignOff, ...] = ()

    @property
    def deciding(self) -> KnownSignOff | None:
        """The sign-off that speaks: the newest that people have decided on, else the newest pending one, else the newest."""
        decided = [one for one in self.sign_offs if one.state not in ("pending", "withdrawn")]
        pending = [one for one in self.sign_offs if one.state == "pending"]
        newest_decided = next(iter(decided), None)
        if newest_decided and (newest_decided.state == "approved" or not pending):
            return newest_decided
        return next(iter(pending or self.sign_offs), None)


@dataclass(frozen=True, slots=True)
class GateFacts:
    """`candidates` are what fits the question, newest first; `model_known` says whether the model that it names exists.

    `mismatch` is the digest that the named version really has, when it is not the one asked about.
    """

    environment_known: bool
    model_known: bool = True
    candidates: tuple[Candidate, ...] = ()
    mismatch: str | None = None
    policy: PolicyVersion | None = None
    troubles: tuple[Reason, ...] = ()
    positions: Mapping[str, str] = field(default_factory=dict)
