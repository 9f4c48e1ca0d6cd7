"""audit-service: the timeline, the state as of any time, single entries.

Every answer says up to which index it is complete, and how far behind each source is.
"""

from placet_client.answers.audit import AsOf, LogEntry, Timeline
from placet_client.calls import Call, Flow
from placet_client.operations.paths import pages

SERVICE = "audit"


def timeline(limit: int = 100, **search: str | None) -> Flow[Timeline]:
    """`search` may have model, version, environment, actor, type, result, source, correlation, since, until, order (oldest, newest)."""
    return pages(SERVICE, "/v1/timeline", Timeline, limit, **search)


def as_of(*, time: str | None = None, index: int | None = None, environment: str | None = None, model: str | None = None) -> Call[AsOf]:
    """The state at a time (RFC 3339) or an index of the log; by default now."""
    return Call(SERVICE, "GET", "/v1/as-of", AsOf, {"time": time, "index": index, "environment": environment, "model": model})


def entry(index: int) -> Call[LogEntry]:
    """One entry of the log."""
    return Call(SERVICE, "GET", f"/v1/entries/{index}", LogEntry)
