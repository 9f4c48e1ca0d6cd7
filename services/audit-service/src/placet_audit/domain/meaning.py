"""An entry's subject and result, for the timeline."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

__all__ = ["Meaning", "Result", "meaning_of"]

Result = Literal["done", "refused", "denied", "failed", "rejected", "invalidated"]

# Results other than `done`.
RESULTS: Mapping[str, Result] = {
    "ActionRefused": "refused",
    "VerificationFailed": "failed",
    "RunErrored": "failed",
    "SignOffRejected": "rejected",
    "SignOffInvalidated": "invalidated",
}
# The event's own fields that a line of the timeline shows; longer or structured values stay in the entry.
SHOWN_LENGTH = 200
PLAIN = frozenset({type(None), bool, int, float})


@dataclass(frozen=True, slots=True)
class Meaning:
    """An entry's subject and result."""

    result: Result
    model_id: str | None
    version_id: str | None
    environment: str | None
    details: dict[str, Any]


def meaning_of(type_: str, fields: Mapping[str, Any]) -> Meaning:
    """Never raises for an unknown type or unexpected fields: a value that can't be shown is left out."""
    return Meaning(
        result=_result(type_, fields),
        model_id=_text(fields.get("model_id")),
        version_id=_text(fields.get("version_id")),
        environment=_environment(type_, fields),
        details={name: value for name, value in fields.items() if _has_a_name(name) and _is_shown(value)},
    )


def _result(type_: str, fields: Mapping[str, Any]) -> Result:
    if type_ == "GateDecisionMade" and fields.get("allowed") is not True:
        return "denied"
    return RESULTS.get(type_, "done")


def _environment(type_: str, fields: Mapping[str, Any]) -> str | None:
    """Of a plan for several environments none: the timeline shows one."""
    if type_ == "AccessChangeProposed":
        policy = fields.get("policy")
        return _text(policy.get("environment")) if isinstance(policy, Mapping) else None
    document = fields.get("document")
    if type_.startswith("Plan") and isinstance(document, Mapping):
        several = document.get("environments")
        return _text(several[0]) if isinstance(several, list) and len(several) == 1 else _text(document.get("environment"))
    return _text(fields.get("name" if type_ == "EnvironmentDefined" else "environment"))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and _is_shown(value) else None


def _is_shown(value: object) -> bool:
    """A short scalar without U+0000, which PostgreSQL's texts can't hold."""
    if isinstance(value, str):
        return len(value) <= SHOWN_LENGTH and "\0" not in value
    return type(value) in PLAIN


@lru_cache(maxsize=1024)
def _has_a_name(name: str) -> bool:
    """The same for a field's name; there are few of them."""
    return _is_shown(name)
