"""Break-glass: for hours, exactly these bytes go to an environment without the yes that its policy asks for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from placet_approval.domain.policy_terms import PolicyVersion
from placet_approval.domain.sign_off_event import Commitment
from placet_approval.domain.sign_off_rules import Signer, require_person
from placet_approval.domain.subjects import GovernedVersion
from placet_approval.domain.timestamps import parse_rfc3339, rfc3339
from placet_shared.aggregates import Aggregate, Event, Recurring, origin_of
from placet_shared.errors import Conflict, Forbidden, Invalid
from placet_shared.identifiers import derived_key

__all__ = ["FRESH_FOR", "BreakGlass", "Glass", "Opening"]

FRESH_FOR = timedelta(minutes=15)
"""The token that opens must have been issued so shortly before: a token that lies in a profile or a pipeline opens nothing."""


@dataclass(frozen=True, slots=True)
class Glass:
    """One break-glass, by which model and until when; `ends_at` itself is over."""

    glass_id: str
    debt_id: str
    model_id: str
    artifact_sha256: str
    ends_at: datetime

    def is_open(self, at: datetime) -> bool:
        """Whether its time is not over; one that was closed before is not among those that are asked."""
        return at < self.ends_at


@dataclass(frozen=True, slots=True)
class Opening:
    """What a person asks for; `length` None is as long as the policy allows."""

    glass_id: str
    debt_id: str
    incident: str
    length: timedelta | None


class BreakGlass(Aggregate):
    """The stream of an artifact in an environment: every break-glass for these bytes, whichever model they are registered as.

    A gate decision checks it at append: a yes can't be written after the break-glass that it rests on was closed.
    """

    TOPIC = "BreakGlass"
    CATEGORY = "breakglass"

    def __init__(self) -> None:
        self.glasses: dict[str, Glass] = {}
        self.closed: set[str] = set()
        self.environment = ""

    class BreakGlassOpened(Recurring):
        TOPIC = "BreakGlassOpened"
        glass_id: str
        debt_id: str
        model_id: str
        version_id: str
        artifact_sha256: str
        environment: str
        person_id: str
        token_issuers: list[str]
        incident: str
        ends_at: str
        reason: Commitment

        def apply(self, aggregate: "BreakGlass") -> None:
            ends_at = parse_rfc3339(self.ends_at)
            aggregate.glasses[self.glass_id] = Glass(self.glass_id, self.debt_id, self.model_id, self.artifact_sha256, ends_at)
            aggregate.environment = self.environment

    class BreakGlassClosed(Event):
        TOPIC = "BreakGlassClosed"
        glass_id: str
        model_id: str
        artifact_sha256: str
        environment: str
        closed_by: str

        def apply(self, aggregate: "BreakGlass") -> None:
            aggregate.closed.add(self.glass_id)

    @staticmethod
    def key_of(artifact_sha256: str, environment: str) -> str:
        """The key of the stream."""
        return derived_key("breakglass", artifact_sha256, environment)

    @classmethod
    def open(
        cls,
        before: "BreakGlass | None",
        asked: Opening,
        version: GovernedVersion,
        policy: PolicyVersion,
        opener: Signer,
        token_issued_at: datetime | None,
        reason: Commitment,
        at: datetime,
    ) -> "BreakGlass":
        """Raises `Forbidden` for those who may not, `Invalid` for too long a time, `Conflict` when one is open.

        1. A person opens it, whom the policy lets.
        2. The person has just authenticated.
        3. It is for hours, and one at a time for a model's bytes.
        """
        length = _require_may_open(opener, policy, asked.length)  # 1, 3
        if token_issued_at is None or at - token_issued_at > FRESH_FOR:  # 2
            raise Forbidden(
                "A break-glass asks for fresh authentication: a token that was issued in the last 15 minutes.",
                code="authentication_not_fresh",
                resolve="Issue yourself a token now, `placet tokens issue NAME`, and send the request with that one.",
            )
        if before and (there := [glass for glass in before.open_ones(at) if glass.model_id == version.model_id]):  # 3
            raise Conflict(
                "A break-glass for these bytes is open already.",
                code="break_glass_open",
                resolve="Use that one; when it is over another can be opened.",
                glass_id=there[0].glass_id,
            )
        values = {
            "glass_id": asked.glass_id,
            "debt_id": asked.debt_id,
            "model_id": version.model_id,
            "version_id": version.version_id,
            "artifact_sha256": version.artifact_sha256,
            "environment": policy.terms.environment,
            "person_id": opener.id,
            "token_issuers": sorted(opener.token_issuers),
            "incident": asked.incident,
            "ends_at": rfc3339(at + length),
            "reason": reason,
        }
        if before is None:
            return cls.create(cls.BreakGlassOpened, key=cls.key_of(version.artifact_sha256, policy.terms.environment), at=at, **values)
        before.trigger(cls.BreakGlassOpened, at=at, originator_topic=origin_of(before), **values)
        return before

    def close(self, glass_id: str, closed_by: str, at: datetime) -> bool:
        """End it before its time; False, and nothing happens, when it is over."""
        glass = self.glasses.get(glass_id)
        if glass is None or glass_id in self.closed or not glass.is_open(at):
            return False
        self.trigger(
            self.BreakGlassClosed,
            at=at,
            glass_id=glass_id,
            model_id=glass.model_id,
            artifact_sha256=glass.artifact_sha256,
            environment=self.environment,
            closed_by=closed_by,
        )
        return True

    def open_ones(self, at: datetime) -> Sequence[Glass]:
        """Those that are neither closed nor over."""
        return [glass for glass in self.glasses.values() if glass.glass_id not in self.closed and glass.is_open(at)]

    @property
    def models(self) -> Iterable[str]:
        """The models for which one was opened; each may owe a review."""
        return {glass.model_id for glass in self.glasses.values()}


def _require_may_open(opener: Signer, policy: PolicyVersion, length: timedelta | None) -> timedelta:
    require_person(opener)
    terms = policy.terms.break_glass
    if terms is None:
        raise Forbidden(
            f"The policy for {policy.terms.environment} lets no person break glass.",
            code="break_glass_not_allowed",
            resolve="Have the version signed off; an admin may say in the policy who may break glass.",
        )
    if not opener.roles.intersection(terms.roles):
        raise Forbidden(
            f"You are not {' or '.join(terms.roles)}, who may break glass here.",
            code="role_required",
            resolve="Call a person who has that role.",
        )
    if length is not None and length > terms.for_at_most:
        minutes = int(terms.for_at_most.total_seconds() // 60)
        raise Invalid(
            f"The policy lets a break-glass stay open for {minutes} minutes at most.",
            code="break_glass_too_long",
            resolve="Ask for less; when it is over another can be opened.",
        )
    return length or terms.for_at_most
