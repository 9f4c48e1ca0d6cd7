"""Reads an entry the way an auditor asks: what was it about, and how did it end."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

__all__ = ["Meaning", "Result", "meaning_of"]

Result = Literal["done", "refused", "denied", "failed", "rejected", "invalidated"]

# How things end when they do not simply happen.
RESULTS: Mapping[str, Result] = {
    "ActionRefused": "refused",
    "VerificationFailed": "failed",
    "RunErrored": "failed",
    "SignOffRejected": "rejected",
    "SignOffInvalidated": "invalidated",
}
# What a line of the timeline shows of the event's own fields; what is longer or has parts stays in the entry.
SHOWN_LENGTH = 200
PLAIN = frozenset({type(None), bool, int, float})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an entry is about, and its result."""

    result: Result
    model_id: str | None
    version_id: str | None
    environment: str | None
    details: dict[str, Any]


def meaning_of(type_: str, fields: Mapping[str, Any]) -> Meaning:
    """Never raises for an unknown type or unexpected fields: what can't be shown is left out."""
    return Meaning(
        result=_result(type_, fields),
        model_id=_text(fields.get("model_id")),
        version_id=_text(fields.get("version_id")),
        environment=_text(fields.get("name" if type_ == "EnvironmentDefined" else "environment")),
        details={name: value for name, value in fields.items() if _has_a_name(name) and _is_shown(value)},
    )


def _result(type_: str, fields: Mapping[str, Any]) -> Result:
    if type_ == "GateDecisionMade" and fields.get("allowed") is not True:
        return "denied"
    return RESULTS.get(type_, "done")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and _is_shown(value) else None


def _is_shown(value: object) -> bool:
    """Short, in one piece, and without the one character that PostgreSQL's texts can't hold."""
    if isinstance(value, str):
        return len(value) <= SHOWN_LENGTH and "\0" not in value
    return type(value) in PLAIN


@lru_cache(maxsize=1024)
def _has_a_name(name: str) -> bool:
    """The same for a field's name; there are few of them."""
    return _is_shown(name)
