"""W3C Trace Context (Recommendation of 23 November 2021), section 3.2: the `traceparent` header."""

import re

__all__ = ["parse_traceparent"]

_FORM = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


def parse_traceparent(header: str | None) -> str | None:
    """The header in the form of version 00, or None when it is absent or malformed."""
    match = _FORM.fullmatch(header.strip()) if header else None
    if match is None:
        return None
    version, trace, parent, flags, rest = match.groups()
    if version == "ff" or (version == "00" and rest) or not trace.strip("0") or not parent.strip("0"):
        return None
    return f"00-{trace}-{parent}-{flags}"
