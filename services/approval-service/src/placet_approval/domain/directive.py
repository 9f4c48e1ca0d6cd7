"""A directive: what must happen to a deployment whose yes has ended, open until facts or a report close it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from placet_approval.domain.emergency_terms import WhenAYesEnds
from placet_approval.domain.sign_off_event import Commitment
from placet_shared.aggregates import Aggregate, Event, Recurring, origin_of
from placet_shared.errors import Conflict
from placet_shared.identifiers import derived_key

__all__ = ["REPORTED", "Because", "Directive", "Reported", "Resolution", "RunsWithoutYes"]

Because = Literal["revoked", "expired", "invalidated", "suspended", "never", "break_glass"]
Resolution = Literal["ended", "replaced", "shadowed", "approved_again", "accepted"]
Reported = Literal["ended", "replaced", "shadowed", "accepted"]

REPORTED: tuple[Reported, ...] = get_args(Reported)
"""What a report may say; that the same bytes were approved again is a fact that needs no report."""


@dataclass(frozen=True, slots=True)
class RunsWithoutYes:
    """A current deployment without a yes in force: `sign_off_id` is the one that ended, how is `because`, and when `ended_at`; None where
    there never was one."""

    deployment_id: str
    model_id: str
    version_id: str
    environment: str
    artifact_sha256: str
    sign_off_id: str | None
    because: Because
    ended_at: datetime | None = None


class Directive(Aggregate):
    """One stream for a deployment and the sign-off that ended, so that it is issued once, however often the worker looks.

    It is issued again only where the same sign-off ended again: it counted in between, whatever was reported of the directive before.
    """

    TOPIC = "Directive"
    CATEGORY = "directive"

    def __init__(self) -> None:
        self.directive_id = ""
        self.model_id = ""
        self.environment = ""
        self.deployment_id = ""
        self.artifact_sha256 = ""
        self.issued_at: datetime | None = None
        self.how: Resolution | None = None

    class DirectiveIssued(Recurring):
        TOPIC = "DirectiveIssued"
        directive_id: str
        kind: str
        model_id: str
        version_id: str
        environment: str
        deployment_id: str
        artifact_sha256: str
        sign_off_id: str | None
        because: str
        roll_back_to: dict[str, Any] | None

        def apply(self, aggregate: "Directive") -> None:
            aggregate.directive_id = self.directive_id
            aggregate.model_id = self.model_id
            aggregate.environment = self.environment
            aggregate.deployment_id = self.deployment_id
            aggregate.artifact_sha256 = self.artifact_sha256
            aggregate.issued_at = self.timestamp
            aggregate.how = None

    class DirectiveResolved(Event):
        TOPIC = "DirectiveResolved"
        directive_id: str
        model_id: str
        environment: str
        deployment_id: str
        how: Resolution
        known_by: str
        reason: Commitment | None

        def apply(self, aggregate: "Directive") -> None:
            aggregate.how = self.how

    @staticmethod
    def key_of(deployment_id: str, sign_off_id: str | None) -> str:
        """The key of the stream, and the id of the directive."""
        return derived_key("directive", deployment_id, sign_off_id or "")

    @property
    def is_open(self) -> bool:
        """Whether it is still to be dealt with."""
        return self.how is None

    @classmethod
    def issue(
        cls,
        directive: "Directive | None",
        found: RunsWithoutYes,
        kind: WhenAYesEnds,
        roll_back_to: Mapping[str, Any] | None,
        at: datetime,
    ) -> "Directive | None":
        """The directive, with an event unless it was issued before; None when it was dealt with."""
        if directive is not None and not directive._is_over(found.ended_at):
            return None
        key = cls.key_of(found.deployment_id, found.sign_off_id)
        values: dict[str, Any] = {
            "directive_id": key,
            "kind": kind,
            "model_id": found.model_id,
            "version_id": found.version_id,
            "environment": found.environment,
            "deployment_id": found.deployment_id,
            "artifact_sha256": found.artifact_sha256,
            "sign_off_id": found.sign_off_id,
            "because": found.because,
            "roll_back_to": dict(roll_back_to) if roll_back_to else None,
        }
        if directive is None:
            return cls.create(cls.DirectiveIssued, key=key, at=at, **values)
        directive.trigger(cls.DirectiveIssued, at=at, originator_topic=origin_of(directive), **values)
        return directive

    def close_by_facts(self, how: Resolution, at: datetime) -> None:
        """The deployment ended or was replaced, or its bytes were approved again; nothing happens when it is closed."""
        if self.is_open:
            self._resolve(how, "facts", None, at)

    def report(self, how: Reported, reason: Commitment | None, at: datetime) -> None:
        """A pipeline or a person says what became of it; raises `Conflict` when it is closed."""
        if not self.is_open:
            raise Conflict(
                "This directive is closed.",
                code="directive_closed",
                resolve="Nothing more is to be done for it: `placet directives list` shows those that are open.",
                how=self.how,
            )
        self._resolve(how, "report", reason, at)

    def _is_over(self, ended_at: datetime | None) -> bool:
        """Whether an end at this time is another one than that which the directive is about."""
        later = ended_at is not None and self.issued_at is not None and ended_at > self.issued_at
        return self.how == "approved_again" or (not self.is_open and later)

    def _resolve(self, how: Resolution, known_by: Literal["report", "facts"], reason: Commitment | None, at: datetime) -> None:
        self.trigger(
            self.DirectiveResolved,
            at=at,
            directive_id=self.directive_id,
            model_id=self.model_id,
            environment=self.environment,
            deployment_id=self.deployment_id,
            how=how,
            known_by=known_by,
            reason=reason,
        )
