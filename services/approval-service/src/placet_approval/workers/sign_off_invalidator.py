"""Ends sign-offs whose bound facts changed, after other services' events were applied, by an event that says why."""

from functools import partial

from placet_approval.commands.invalidate_sign_off import invalidate_outdated
from placet_shared.event_store import EventStore
from placet_shared.workers import Loop

__all__ = ["sign_off_invalidator"]

LOOK_EVERY_SECONDS = 30.0


def sign_off_invalidator(store: EventStore) -> Loop:
    """Runs at start, when events have arrived, and at intervals."""
    return Loop("invalidation of sign-offs", partial(invalidate_outdated, store), every_seconds=LOOK_EVERY_SECONDS)
