"""Times as events carry them: RFC 3339 in UTC with microseconds."""

from datetime import UTC, datetime

__all__ = ["parse_rfc3339", "rfc3339"]


def rfc3339(moment: datetime) -> str:
    """`2026-11-23T14:00:00.000000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_rfc3339(text: str) -> datetime:
    """The opposite of `rfc3339`."""
    return datetime.fromisoformat(text)
