"""The one error family: what may go wrong, in the caller's terms; HTTP status is decided in `web.problems`.

PlacetError
├── Refusal                understood, and the answer is no; recorded in the audit trail
│   ├── NotFound           what the command names does not exist
│   ├── Forbidden          this actor may not do it
│   ├── Conflict           the state of things does not allow it now
│   └── Invalid            the values contradict what is known
├── Malformed              not understood: a field has a value that is not allowed
├── TooLarge               more bytes than the limit
├── StorageFull            no room for the bytes where they would be kept
├── Unauthenticated        no token, or one that is not valid
├── TooMany                more at once, or in a time, than one caller may have
├── PreconditionFailed     `If-Match` names another version
├── IdempotencyMismatch    the same `Idempotency-Key` with another request
├── OutOfRange             a position or cursor that this source has not reached, or lost in a restore
└── Unavailable            a dependency is down or behind; the same request may succeed later
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = [
    "Conflict",
    "FieldError",
    "Forbidden",
    "IdempotencyMismatch",
    "Invalid",
    "Malformed",
    "NotFound",
    "OutOfRange",
    "PlacetError",
    "PreconditionFailed",
    "Refusal",
    "StorageFull",
    "TooLarge",
    "TooMany",
    "Unauthenticated",
    "Unavailable",
]


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that is wrong: its name (dotted path), the value that was sent, and what would be allowed."""

    field: str
    value: Any
    allowed: str


class PlacetError(Exception):
    """Carries a message for people and a `code` for programs.

    `code` is lower_snake_case and stable; `detail` says what happened in one sentence; `resolve` says what would help;
    `errors` names fields; `facts` are further members of the problem document.
    """

    code = "error"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        resolve: str | None = None,
        errors: Sequence[FieldError] = (),
        **facts: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.resolve = resolve
        self.errors = tuple(errors)
        self.facts = facts


class Refusal(PlacetError):
    """Understood, and the answer is no.

    Once the refusal is recorded, `committed` is its durable answer (an `event_store.Committed`).
    """

    code = "refused"
    committed: Any = None


class NotFound(Refusal):
    """What the request names does not exist."""

    code = "not_found"


class Forbidden(Refusal):
    """This actor may not do it."""

    code = "forbidden"


class Conflict(Refusal):
    """The state of things does not allow it now."""

    code = "conflict"


class Invalid(Refusal):
    """Well-formed, but the values contradict what is known."""

    code = "invalid"


class Malformed(PlacetError):
    """A field has a value that is not allowed."""

    code = "malformed"


class TooLarge(PlacetError):
    """More bytes than the limit."""

    code = "too_large"


class StorageFull(PlacetError):
    """There is no room for the bytes of this request where they would be kept; smaller ones may still fit."""

    code = "storage_full"


class Unauthenticated(PlacetError):
    """No token, or one that is not valid."""

    code = "unauthenticated"


class TooMany(PlacetError):
    """More at once, or in a time, than one caller may have; after `retry_after` seconds there may be room."""

    code = "too_many"

    def __init__(self, detail: str, *, retry_after: int = 1, **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.retry_after = retry_after


class PreconditionFailed(PlacetError):
    """`If-Match` names another version than the current one."""

    code = "precondition_failed"


class IdempotencyMismatch(PlacetError):
    """The same `Idempotency-Key` came with another request before."""

    code = "idempotency_mismatch"


class OutOfRange(PlacetError):
    """A position this source has not reached (`beyond_head`) or lost in a restore (`lost_branch`)."""

    code = "beyond_head"


class Unavailable(PlacetError):
    """A dependency is down or behind; `retry_after` seconds from now the same request may succeed."""

    code = "unavailable"

    def __init__(self, detail: str, *, retry_after: int = 1, **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.retry_after = retry_after
