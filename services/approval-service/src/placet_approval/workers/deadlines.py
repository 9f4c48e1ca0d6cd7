"""Brings to mind what is due, and ends what people did not decide in time; one process at a time does it."""

from functools import partial

from placet_approval.commands.remind_of_sign_off import remind_of_due
from placet_shared.event_store import EventStore
from placet_shared.workers import Leading, Loop

__all__ = ["deadlines"]

LOOK_EVERY_SECONDS = 5.0


def deadlines(store: EventStore) -> Loop:
    """Runs at start, so that a night that was missed is caught up, and at intervals."""
    leading = Leading(store.url, store.schema, store.source, "deadlines")
    return Loop("deadlines of sign-offs", partial(_look, store), every_seconds=LOOK_EVERY_SECONDS, leading=leading)


async def _look(store: EventStore) -> None:
    await remind_of_due(store)
