"""The verification plan of one environment: every document makes a new version, and no version ever changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from placet_shared.aggregates import Aggregate, Created, Event
from placet_shared.errors import Invalid
from placet_verification.domain.canonical import canonical, digest

__all__ = ["Plan"]

DOCUMENT_LIMIT = 60_000
"""Bytes of canonical JSON; an event's data may be 65,536 bytes."""


class Plan(Aggregate):
    """The stream of an environment's plans; its version is the plan's version. Its key is the environment."""

    TOPIC = "Plan"
    CATEGORY = "plan"

    plan_id: str
    environment: str
    name: str
    sha256: str
    document: dict[str, Any]

    class PlanPublished(Created):
        """The environment's first plan."""

        TOPIC = "PlanPublished"

        plan_id: str
        environment: str
        name: str
        version: int
        sha256: str
        document: dict[str, Any]
        text: dict[str, str]

    class PlanRevised(Event):
        """A new version of the environment's plan."""

        TOPIC = "PlanRevised"

        plan_id: str
        environment: str
        name: str
        version: int
        sha256: str
        document: dict[str, Any]
        text: dict[str, str]

        def apply(self, aggregate: "Plan") -> None:
            aggregate.name, aggregate.sha256, aggregate.document = self.name, self.sha256, self.document

    @classmethod
    def publish(cls, plan_id: str, document: Mapping[str, Any], text: Mapping[str, str], at: datetime) -> Self:
        """The first plan of its environment."""
        return cls.create(cls.PlanPublished, key=document["environment"], at=at, **_values(plan_id, 1, document, text))

    def says(self, document: Mapping[str, Any]) -> bool:
        """Whether the current version is the same already."""
        return digest(document) == self.sha256

    def revise(self, document: Mapping[str, Any], text: Mapping[str, str], at: datetime) -> None:
        """The next version."""
        self.trigger(self.PlanRevised, at=at, **_values(self.plan_id, self.version + 1, document, text))

    def reference(self) -> dict[str, Any]:
        """The current version, as runs are bound to it."""
        return {"id": self.plan_id, "name": self.name, "version": self.version, "sha256": self.sha256}


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
        "environment": document["environment"],
        "name": document["name"],
        "version": version,
        "sha256": digest(document),
        "document": dict(document),
        "text": dict(text),
    }
