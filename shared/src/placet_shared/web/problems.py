"""Errors as RFC 9457 problem documents; only here an error gets its HTTP status."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import Response

from placet_shared.errors import (
    Conflict,
    FieldError,
    Forbidden,
    IdempotencyMismatch,
    Invalid,
    Malformed,
    NotFound,
    OutOfRange,
    PlacetError,
    PreconditionFailed,
    Refusal,
    StorageFull,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from placet_shared.logs import hide_secrets, request_id, shortened

__all__ = ["MEDIA_TYPE", "FrameworkError", "problem_document", "problem_response", "shown", "status_of"]

MEDIA_TYPE = "application/problem+json"
SHOWN_CHARACTERS = 200
SHOWN_ERRORS = 100  # of the fields that are wrong
SENTENCE_CHARACTERS = 2000

_STATUS: Mapping[type[PlacetError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Invalid: 422,
    Refusal: 409,
    Malformed: 422,
    TooLarge: 413,
    StorageFull: 507,
    Unauthenticated: 401,
    TooMany: 429,
    PreconditionFailed: 412,
    IdempotencyMismatch: 422,
    OutOfRange: 400,
    Unavailable: 503,
    PlacetError: 500,
}
_STATUS_OF_CODE: Mapping[str, int] = {"lost_branch": 409}


class FrameworkError(PlacetError):
    """An answer of the web framework itself, such as 405, with the status it chose."""

    def __init__(self, status: int, detail: str, *, code: str, resolve: str | None) -> None:
        super().__init__(detail, code=code, resolve=resolve)
        self.status = status


def status_of(error: PlacetError) -> int:
    """The HTTP status of an error."""
    if isinstance(error, FrameworkError):
        return error.status
    if isinstance(error, OutOfRange) and error.code in _STATUS_OF_CODE:
        return _STATUS_OF_CODE[error.code]
    return next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)


def problem_document(error: PlacetError) -> dict[str, Any]:
    """The document of an error that happens in the current request; members without a value are left out."""
    members: dict[str, Any] = {
        "type": f"urn:placet:problem:{error.code}",
        "title": error.code.replace("_", " ").capitalize(),
        "status": status_of(error),
        "detail": _printable(error.detail, SENTENCE_CHARACTERS),
        "instance": f"urn:uuid:{current}" if (current := request_id.get()) else None,
        "code": error.code,
        "resolve": error.resolve,
        "errors": [_field_problem(one) for one in error.errors[:SHOWN_ERRORS]],
        "facts": error.facts,
    }
    clean: dict[str, Any] = orjson.loads(hide_secrets(orjson.dumps(members, default=str).decode()))
    return {name: value for name, value in clean.items() if value not in (None, [], {})}


def problem_response(error: PlacetError, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to a request that ended in `error`."""
    document = problem_document(error)
    return Response(
        orjson.dumps(document),
        status_code=document["status"],
        media_type=MEDIA_TYPE,
        headers={**_headers_of(error), **(headers or {})},
    )


def shown(value: Any, field: str = "") -> Any:
    """A value as a problem may show it: scalars up to 200 characters, containers by their size, secrets not at all."""
    if any(word in field.lower() for word in ("token", "password", "secret", "authorization", "credential")):
        return "[hidden]"
    if isinstance(value, Mapping):
        return f"an object with {len(value)} members"
    if isinstance(value, list | tuple | set | frozenset):
        return f"a list of {len(value)}"
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 2**63):
        return value
    return _printable(value if isinstance(value, str) else str(value), SHOWN_CHARACTERS)


def _field_problem(one: FieldError) -> dict[str, Any]:
    """A field's name is the caller's too where it is a key of an object."""
    name = _printable(one.field, SHOWN_CHARACTERS)
    return {"field": name, "value": shown(one.value, name), "allowed": _printable(one.allowed, SENTENCE_CHARACTERS)}


def _printable(text: str, length: int) -> str:
    """What UTF-8 can carry, without secrets; lone surrogates, which a caller can send, become question marks."""
    return shortened(text, length).encode(errors="replace").decode()


def _headers_of(error: PlacetError) -> dict[str, str]:
    if isinstance(error, Unauthenticated):
        # RFC 6750 section 3: no error code for a request without credentials.
        invalid = ', error="invalid_token"' if error.code == "token_invalid" else ""
        return {"WWW-Authenticate": f'Bearer realm="placet"{invalid}'}
    if isinstance(error, Unavailable | TooMany):
        return {"Retry-After": str(error.retry_after)}
    return {}
