"""pydantic's errors about a request, in the form of our error family: field, value, what is allowed."""

from collections.abc import Mapping, Sequence
from typing import Any

from placet_shared.errors import FieldError, Malformed
from placet_shared.web.problems import SHOWN_CHARACTERS, SHOWN_ERRORS

__all__ = ["malformed"]

_PLACES = frozenset({"body", "query", "path", "header", "cookie"})
_OPENINGS = ("Value error, ", "Assertion failed, ", "Input should be ", "Input should have ", "String should have ", "List should have ")


def malformed(entries: Sequence[Mapping[str, Any]]) -> Malformed:
    """The error for `ValidationError.errors()`: every field that is wrong, in one answer; of more than a hundred the first ones."""
    if any(entry["type"] == "json_invalid" for entry in entries):
        return _no_json(entries[0])
    errors = [FieldError(_field(entry["loc"]), _value(entry), _allowed(entry)) for entry in entries[:SHOWN_ERRORS]]
    more = f" (and {len(entries) - 1} more)" if len(entries) > 1 else ""
    return Malformed(
        f"{errors[0].field[:SHOWN_CHARACTERS]}: {errors[0].allowed}{more}",
        code="malformed",
        resolve="Correct the fields that `errors` names and send the request again.",
        errors=errors,
    )


def _no_json(entry: Mapping[str, Any]) -> Malformed:
    place = f" at character {entry['loc'][-1]}" if isinstance(entry["loc"][-1], int) else ""
    return Malformed(
        f"The body is no JSON: {entry.get('ctx', {}).get('error', 'it can not be read')}{place}.",
        code="malformed_json",
        resolve="Send JSON with `Content-Type: application/json`.",
    )


def _field(place: Sequence[str | int]) -> str:
    parts = place[1:] if len(place) > 1 and place[0] in _PLACES else place
    return ".".join(str(part) for part in parts)


def _value(entry: Mapping[str, Any]) -> Any:
    # Of a missing field pydantic shows the whole object that lacks it.
    if entry["type"] == "missing":
        return None
    value = entry.get("input")
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _allowed(entry: Mapping[str, Any]) -> str:
    kind, facts = entry["type"], entry.get("ctx", {})
    if kind == "missing":
        return "is required"
    if kind == "extra_forbidden":
        return "is no field of this request"
    if kind in ("literal_error", "enum"):
        return f"one of {facts['expected']}"
    if kind == "string_pattern_mismatch":
        return f"text of the form {facts['pattern']}"
    if kind == "model_attributes_type" or (kind.endswith("_type") and entry["loc"] == ("body",)):
        return "a JSON object, sent with `Content-Type: application/json`"
    message = str(entry["msg"])
    for opening in _OPENINGS:
        message = message.removeprefix(opening)
    return message[:SHOWN_CHARACTERS]
