"""Conditions of an approval: a signer agrees provided that a person does something by a time; a missed one ends the approval."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from placet_approval.domain.timestamps import parse_rfc3339

__all__ = ["Condition", "due_dates"]


@dataclass(frozen=True, slots=True)
class Condition:
    """`owner_id` must meet it before `due_at`; who set it, or another signer, says whether it was met."""

    condition_id: str
    set_by: str
    owner_id: str
    due_at: datetime
    met: bool = False

    def missed(self, at: datetime) -> bool:
        """Whether its time is over and it was not met."""
        return not self.met and self.due_at <= at

    @classmethod
    def from_content(cls, condition_id: str, content: Mapping[str, Any]) -> Self:
        """From a row."""
        return cls(condition_id, content["set_by"], content["owner_id"], parse_rfc3339(content["due_at"]), content.get("met", False))


def due_dates(conditions: Iterable[Condition]) -> list[datetime]:
    """When conditions that are not met are due: an approval that rests on them is valid no longer."""
    return [condition.due_at for condition in conditions if not condition.met]
