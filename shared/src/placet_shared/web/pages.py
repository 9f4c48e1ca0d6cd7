"""Pages of a listing: `limit` and an opaque `cursor` that stands for the last row seen.

An endpoint reads

    rows = await connection.fetch(MODELS_AFTER, *page.after("models", str, str) or FIRST, page.limit + 1)
    return cut(rows, page, "models", key=lambda row: (row["name"], row["id"]))
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Depends, Query
from pydantic import BaseModel, Field

from placet_shared.errors import FieldError, Malformed

__all__ = ["Page", "PageQuery", "PageRequest", "cut", "decode_cursor", "encode_cursor"]

DEFAULT_LIMIT = 50
GREATEST_LIMIT = 200
_CHECK_BYTES = 6

Row = TypeVar("Row")
Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """One page; ask for the next with `cursor=<next_cursor>`, and there is none when it is null."""

    items: list[Item]
    next_cursor: str | None = Field(None, description="Stands for the last item of this page; opaque.")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is asked for."""

    limit: int
    cursor: str | None

    def after(self, listing: str, *types: type) -> tuple[Any, ...] | None:
        """The key of the last row seen, None for the first page; raises `Malformed` for a cursor that is not from this listing."""
        return None if self.cursor is None else decode_cursor(self.cursor, listing, *types)


def _page_request(
    limit: Annotated[int, Query(ge=1, le=GREATEST_LIMIT, description="How many items at most.")] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=2000, description="`next_cursor` of the page before.")] = None,
) -> PageRequest:
    return PageRequest(limit, cursor)


PageQuery = Annotated[PageRequest, Depends(_page_request)]


def cut(
    rows: Sequence[Row],
    page: PageRequest,
    listing: str,
    key: Callable[[Row], Sequence[Any]],
    item: Callable[[Row], Any] = lambda row: row,
) -> dict[str, Any]:
    """`{items, next_cursor}` from up to `limit + 1` rows: the one too many only tells that there is a next page."""
    items = [item(row) for row in rows[: page.limit]]
    more = len(rows) > page.limit
    return {"items": items, "next_cursor": encode_cursor(listing, key(rows[page.limit - 1])) if more else None}


def encode_cursor(listing: str, key: Sequence[Any]) -> str:
    """base64url of the key as JSON, with a check over listing and key. Dates become text."""
    text = orjson.dumps(list(key), default=str)
    return base64.urlsafe_b64encode(_check(listing, text) + text).decode().rstrip("=")


def decode_cursor(cursor: str, listing: str, *types: type) -> tuple[Any, ...]:
    """The key in a cursor; raises `Malformed` when it was changed, cut, comes from another listing or holds other types.

    The check is no secret: a forged cursor shows nothing that a listing would not show anyway, it only must not break it.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        key = orjson.loads(raw[_CHECK_BYTES:])
    except ValueError as error:
        raise _foreign(cursor) from error
    fits = raw[:_CHECK_BYTES] == _check(listing, raw[_CHECK_BYTES:]) and isinstance(key, list)
    if not fits or [type(part) for part in key] != list(types):
        raise _foreign(cursor)
    return tuple(key)


def _check(listing: str, text: bytes) -> bytes:
    return hashlib.sha256(listing.encode() + b"\0" + text).digest()[:_CHECK_BYTES]


def _foreign(cursor: str) -> Malformed:
    return Malformed(
        "This cursor does not come from this listing.",
        code="malformed_cursor",
        resolve="Begin without a cursor, and pass on `next_cursor` as it is.",
        errors=[FieldError("cursor", cursor, "the next_cursor of the page before, unchanged")],
    )
