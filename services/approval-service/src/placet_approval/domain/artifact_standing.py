"""Decisions about bytes rather than about one version: a no in an environment stands against every version with these bytes, and so does a
suspension, until it is taken back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self

from placet_approval.domain.sign_off_event import Commitment
from placet_approval.domain.timestamps import parse_rfc3339, rfc3339
from placet_shared.aggregates import Aggregate, Recurring, origin_of
from placet_shared.identifiers import derived_key

__all__ = ["ArtifactStanding", "NoKind", "StandingNo", "unanswered"]

NoKind = Literal["rejected", "revoked", "suspended"]


@dataclass(frozen=True, slots=True)
class StandingNo:
    """A sign-off that was rejected, revoked or suspended: by whom, when, about which version.

    `ordinal` counts the noes on these bytes in this environment; 0 for those from before they were counted.
    """

    ordinal: int
    sign_off_id: str
    kind: NoKind
    model_id: str
    version_id: str
    person_id: str
    at: datetime

    @property
    def holds(self) -> bool:
        """Whether it is a suspension, which no request answers: a person takes it back."""
        return self.kind == "suspended"

    def content(self) -> dict[str, Any]:
        """Plain JSON, as a later request's event carries it."""
        return {
            "sign_off_id": self.sign_off_id,
            "kind": self.kind,
            "model_id": self.model_id,
            "version_id": self.version_id,
            "person_id": self.person_id,
            "at": rfc3339(self.at),
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """From a row of `standing_noes`, or of its JSON."""
        at = row["said_at"] if isinstance(row["said_at"], datetime) else parse_rfc3339(row["said_at"])
        return cls(row["ordinal"], row["sign_off_id"], row["kind"], row["model_id"], row["version_id"], row["person_id"], at)


class ArtifactStanding(Aggregate):
    """The stream of an artifact in an environment. Requests, signatures and gate decisions check it at append, so that none of them can be
    written beside a no that is written at the same moment; the noes themselves are read from `standing_noes`."""

    TOPIC = "ArtifactStanding"
    CATEGORY = "artifactstanding"

    class ArtifactRejected(Recurring):
        TOPIC = "ArtifactRejected"
        artifact_sha256: str
        environment: str
        sign_off_id: str
        kind: str
        model_id: str
        version_id: str
        person_id: str

        def apply(self, aggregate: "ArtifactStanding") -> None:
            """Keeps no state: other commands check the stream's version only."""

    class ArtifactHeld(Recurring):
        TOPIC = "ArtifactHeld"
        artifact_sha256: str
        environment: str
        sign_off_id: str
        model_id: str
        version_id: str
        person_id: str

        def apply(self, aggregate: "ArtifactStanding") -> None:
            """Keeps no state, as above."""

    class ArtifactHoldLifted(Recurring):
        TOPIC = "ArtifactHoldLifted"
        artifact_sha256: str
        environment: str
        sign_off_id: str
        model_id: str
        version_id: str
        person_id: str
        token_issuers: list[str]
        rationale: Commitment | None

        def apply(self, aggregate: "ArtifactStanding") -> None:
            """Keeps no state, as above."""

    @staticmethod
    def key_of(artifact_sha256: str, environment: str) -> str:
        """The key of the stream."""
        return derived_key("artifact", artifact_sha256, environment)

    @classmethod
    def reject(cls, standing: "ArtifactStanding | None", artifact_sha256: str, environment: str, at: datetime, **no: str) -> Self:
        """From here on these bytes are rejected in the environment; `no` says of which sign-off, by whom."""
        return cls._next(cls.ArtifactRejected, standing, artifact_sha256, environment, at, no)

    @classmethod
    def hold(cls, standing: "ArtifactStanding | None", artifact_sha256: str, environment: str, at: datetime, **suspended: str) -> Self:
        """From here on no version with these bytes gets a yes in the environment, until the hold is lifted."""
        return cls._next(cls.ArtifactHeld, standing, artifact_sha256, environment, at, suspended)

    @classmethod
    def lift_hold(cls, standing: "ArtifactStanding | None", artifact_sha256: str, environment: str, at: datetime, **resumed: Any) -> Self:
        """The hold of this sign-off is over; those of others stay."""
        return cls._next(cls.ArtifactHoldLifted, standing, artifact_sha256, environment, at, resumed)

    @classmethod
    def _next(
        cls,
        event: type[Recurring],
        standing: "ArtifactStanding | None",
        artifact_sha256: str,
        environment: str,
        at: datetime,
        what: Mapping[str, Any],
    ) -> Self:
        values = {"artifact_sha256": artifact_sha256, "environment": environment, **what}
        if standing is None:
            return cls.create(event, key=cls.key_of(artifact_sha256, environment), at=at, **values)
        assert isinstance(standing, cls)
        standing.trigger(event, at=at, originator_topic=origin_of(standing), **values)
        return standing


def unanswered(noes: Iterable[StandingNo], version_id: str, noes_answered: int | None, requested_at: datetime) -> Sequence[StandingNo]:
    """The noes that a sign-off of this version did not show when it was requested, and all that hold; its own no is not among `noes`.

    `noes_answered` None: it was requested before requests showed them. Then only those of its own version count as known.
    """
    if noes_answered is None:
        return [no for no in noes if no.holds or not (no.version_id == version_id and no.at < requested_at)]
    return [no for no in noes if no.holds or no.ordinal > noes_answered]
