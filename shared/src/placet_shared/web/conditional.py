"""ETags (RFC 9110 sections 8.8.3 and 13): the version of a resource's own stream, in quotes."""

import re
from typing import Any

from fastapi import Request, Response

from placet_shared.errors import FieldError, Malformed
from placet_shared.web.exchange import header
from placet_shared.web.json_responses import json_response

__all__ = ["conditional_response", "etag", "expected_version"]

_VERSION = re.compile(r'"(0|[1-9][0-9]{0,9})"')
_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def etag(version: int | str) -> str:
    """The ETag of a version: `"3"`."""
    return f'"{version}"'


def expected_version(request: Request) -> int | None:
    """The version that `If-Match` names, None without one; raises `Malformed` for anything but one strong ETag of ours."""
    given = header(request, b"if-match")
    if given is None:
        return None
    match = _VERSION.fullmatch(given.strip())
    if match is None:
        raise Malformed(
            "If-Match must name one version.",
            code="malformed_if_match",
            resolve="Send the ETag that reading the resource gave you, quotes included.",
            errors=[FieldError("If-Match", given, 'one strong ETag such as "3"; no * and no list')],
        )
    return int(match[1])


def conditional_response(request: Request, content: Any, version: int | str) -> Response:
    """A read's answer with its ETag; 304 without a body when `If-None-Match` names it already."""
    tag = etag(version)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    known = header(request, b"if-none-match") or ""
    if known.strip() == "*" or tag in _TAG.findall(known):
        return Response(status_code=304, headers=headers)
    return json_response(content, headers=headers)
