"""Issues directives for what runs without a yes and closes those that facts resolved; one process at a time."""

from functools import partial

from placet_approval.commands.issue_directive import keep_directives
from placet_shared.event_store import EventStore
from placet_shared.workers import Leading, Loop

__all__ = ["directive_keeper"]

LOOK_EVERY_SECONDS = 10.0


def directive_keeper(store: EventStore) -> Loop:
    """Runs at start, when events have arrived or a yes was taken back, and at intervals: an expiry is no event."""
    leading = Leading(store.url, store.schema, "approval", "directives")
    return Loop("directives", partial(keep_directives, store), every_seconds=LOOK_EVERY_SECONDS, leading=leading)
