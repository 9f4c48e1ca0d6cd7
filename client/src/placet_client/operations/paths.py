"""Common parts of operations: path segments, the media type of documents, listings over several pages."""

import re
from typing import Any, TypeVar
from urllib.parse import quote

from placet_client.answers.answer import Page
from placet_client.calls import Call, Flow

__all__ = ["IDENTIFIER", "JSON", "YAML", "pages", "quoted"]

IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
JSON = {"Content-Type": "application/json"}
YAML = {"Content-Type": "application/yaml"}
A_PAGE = 200
PageT = TypeVar("PageT", bound=Page[Any])


def quoted(part: str) -> str:
    """As one segment of a path; `.` and `..` too, which would else be taken away with the segment before (RFC 3986, section 5.2.4)."""
    return part.replace(".", "%2E") if part in (".", "..") else quote(part, safe="")


def pages(service: str, path: str, answer: type[PageT], limit: int, **query: Any) -> Flow[PageT]:
    """Up to `limit` items of a listing, from as many pages as needed; the cursor is the last page's."""
    found: PageT | None = None
    while True:
        known = len(found.items) if found else 0
        search = {**query, "limit": min(limit - known, A_PAGE), "cursor": found.next_cursor if found else None}
        page = yield from Call(service, "GET", path, answer, search)
        found = found.with_next(page) if found else page
        if found.next_cursor is None or len(found.items) >= limit:
            return found
