"""audit-service: the timeline, the state as of any time, single entries.

Every answer says up to which index it is complete, and how far behind each source is.
"""

from msgspec.structs import replace

from placet_client.answers.audit import AsOf, LogEntry, Timeline
from placet_client.calls import Call, Flow
from placet_client.operations.paths import pages

SERVICE = "audit"


def timeline(limit: int = 100, **search: str | None) -> Flow[Timeline]:
    """`search` may have model, version, environment, actor, type, result, source, correlation, since, until, order (oldest, newest)."""
    return pages(SERVICE, "/v1/timeline", Timeline, limit, **search)


def as_of(*, time: str | None = None, index: int | None = None, environment: str | None = None, model: str | None = None) -> Flow[AsOf]:
    """The state at a time (RFC 3339) or an index of the log, by default now: all of it, from all pages."""
    question = {"time": time, "index": index, "environment": environment, "model": model}
    state = yield from Call(SERVICE, "GET", "/v1/as-of", AsOf, question)
    deployments = [*state.deployments]
    while state.next_cursor:
        state = yield from Call(SERVICE, "GET", "/v1/as-of", AsOf, {**question, "cursor": state.next_cursor})
        deployments += state.deployments
    return replace(state, deployments=tuple(sorted(deployments, key=lambda one: (one.environment, one.model_name or ""))))


def entry(index: int) -> Call[LogEntry]:
    """One entry of the log."""
    return Call(SERVICE, "GET", f"/v1/entries/{index}", LogEntry)
