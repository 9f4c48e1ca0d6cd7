"""A verification plan: which checks the models that it selects must pass; every document makes a new version, none ever changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from placet_shared.aggregates import Aggregate, Created, Event
from placet_shared.errors import Conflict, Invalid
from placet_verification.domain.canonical import canonical, digest

__all__ = ["Plan", "refuse_other_team"]

DOCUMENT_LIMIT = 60_000
"""Bytes of canonical JSON; an event's data may be 65,536 bytes."""


class Plan(Aggregate):
    """A plan by its name. Plans from before they had names of their own are in the stream of their environment."""

    TOPIC = "Plan"
    CATEGORY = "plan"

    class PlanPublished(Created):
        """The first version."""

        TOPIC = "PlanPublished"
        SCHEMA_VERSION = 2

        plan_id: str
        name: str
        version: int
        sha256: str
        document: dict[str, Any]
        text: dict[str, str]

    class PlanRevised(Event):
        """The next version."""

        TOPIC = "PlanRevised"
        SCHEMA_VERSION = 2

        plan_id: str
        name: str
        version: int
        sha256: str
        document: dict[str, Any]
        text: dict[str, str]

        def apply(self, aggregate: "Plan") -> None:
            aggregate.name, aggregate.number, aggregate.withdrawn = self.name, self.version, False
            aggregate.sha256, aggregate.document = self.sha256, self.document

    class PlanWithdrawn(Event):
        """In force nowhere any more."""

        TOPIC = "PlanWithdrawn"

        plan_id: str
        name: str
        version: int
        reason: dict[str, str]

        def apply(self, aggregate: "Plan") -> None:
            aggregate.withdrawn = True

    def __init__(self, plan_id: str, name: str, version: int, sha256: str, document: dict[str, Any], text: dict[str, str]) -> None:
        self.plan_id, self.name, self.number, self.sha256, self.document = plan_id, name, version, sha256, document
        self.withdrawn = False

    @staticmethod
    def key_of(name: str) -> str:
        """The stream key of a name; no environment's name has an underscore, so it is not that of an older plan."""
        return f"named_{name}"

    @classmethod
    def publish(cls, plan_id: str, document: Mapping[str, Any], text: Mapping[str, str], at: datetime) -> Self:
        """The first version of this name."""
        return cls.create(cls.PlanPublished, key=cls.key_of(document["name"]), at=at, **_values(plan_id, 1, document, text))

    def says(self, document: Mapping[str, Any]) -> bool:
        """Whether the version in force is the same already."""
        return digest(document) == self.sha256 and not self.withdrawn

    def revise(self, document: Mapping[str, Any], text: Mapping[str, str], at: datetime) -> None:
        """The next version; raises `Conflict` for a document of another team."""
        refuse_other_team(self.document, document)
        self.trigger(self.PlanRevised, at=at, **_values(self.plan_id, self.number + 1, document, text))

    def withdraw(self, reason: Mapping[str, str], at: datetime) -> None:
        """End it; raises `Conflict` when that was done."""
        if self.withdrawn:
            raise Conflict(f"The plan {self.name} is withdrawn already.", code="plan_withdrawn", resolve="Nothing is left to do.")
        facts = {"plan_id": self.plan_id, "name": self.name, "version": self.number}
        self.trigger(self.PlanWithdrawn, at=at, **facts, reason=dict(reason))

    def reference(self) -> dict[str, Any]:
        """The version in force, as runs are bound to it."""
        return {"id": self.plan_id, "name": self.name, "version": self.number, "sha256": self.sha256}


def refuse_other_team(current: Mapping[str, Any], document: Mapping[str, Any]) -> None:
    """Raises `Conflict` for a document that is not of the plan's team; a plan that has none yet may get one."""
    team = current["team"]
    if team is not None and team != document["team"]:
        raise Conflict(
            f"The plan {current['name']} belongs to the team {team}, and this document says "
            f"{'team: ' + document['team'] if document['team'] else 'no team'}.",
            code="plan_name_taken",
            resolve="Give your plan another name; or, if it is theirs that you mean, state the same team.",
            team=team,
        )


def _values(plan_id: str, version: int, document: Mapping[str, Any], text: Mapping[str, str]) -> dict[str, Any]:
    size = len(canonical(document))
    if size > DOCUMENT_LIMIT:
        raise Invalid(
            f"The plan is {size} bytes of JSON; it may have {DOCUMENT_LIMIT}.",
            code="plan_too_large",
            resolve="Check fewer things in one plan, or give columns shorter names.",
        )
    return {
        "plan_id": plan_id,
        "name": document["name"],
        "version": version,
        "sha256": digest(document),
        "document": dict(document),
        "text": dict(text),
    }
