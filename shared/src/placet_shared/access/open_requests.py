"""Requests that stay open, long-polls and streams: each ends as soon as the token that opened it is no longer valid.

A token is checked when a request arrives. A request that then waits could otherwise be answered long after its token was revoked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from placet_shared.access.actor import Actor
from placet_shared.errors import Unauthenticated
from placet_shared.workers import Loop

__all__ = ["OpenRequests", "Over"]

# How long an expiry may go unnoticed, since no event reports it; an event wakes the loop at once.
LOOK_EVERY_SECONDS = 20.0
# A token may have been revoked after it was checked and before its request was kept here; requests that arrive together share one check.
LOOK_AT_NEW_ONES_AFTER_SECONDS = 0.1

Over = Callable[[Sequence[Actor]], Awaitable[Collection[str]]]
"""Of these actors' tokens the ids of those that are revoked or expired, or whose holder is not active."""


class _Open:
    """One open request, and the task that waits."""

    def __init__(self, actor: Actor) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.actor, self._task, self._cancelling = actor, task, task.cancelling()
        self.ended = False

    def end(self) -> None:
        """As a time-out ends a task."""
        if not self.ended:
            self.ended = True
            self._task.cancel()

    def was_it(self) -> bool:
        """Whether the task was cancelled by `end`, and by nothing else."""
        return self.ended and self._task.uncancel() <= self._cancelling


class OpenRequests:
    """Of one process, with the `loop` that checks their tokens."""

    def __init__(self, over: Over) -> None:
        self._over = over
        self._open: set[_Open] = set()
        self.loop = Loop("end of open requests", self._end_what_is_over, every_seconds=LOOK_EVERY_SECONDS)
        self._soon: asyncio.TimerHandle | None = None

    def wake(self) -> None:
        """Report that a token or a person may have changed."""
        self.loop.wake()

    @contextmanager
    def keeping(self, actor: Actor) -> Iterator[None]:
        """Raises `Unauthenticated` out of its block when the actor's token is over."""
        one = _Open(actor)
        self._open.add(one)
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(LOOK_AT_NEW_ONES_AFTER_SECONDS, self._look_at_new_ones)
        try:
            yield
        except asyncio.CancelledError:
            if one.was_it():
                raise _over() from None
            raise
        finally:
            self._open.discard(one)

    def _look_at_new_ones(self) -> None:
        self._soon = None
        self.wake()

    async def _end_what_is_over(self) -> None:
        actors = {one.actor.token_id: one.actor for one in self._open}
        over = await self._over(list(actors.values())) if actors else ()
        for one in [one for one in self._open if one.actor.token_id in over]:
            one.end()


def _over() -> Unauthenticated:
    detail = "The access token was revoked or has expired while this request waited."
    return Unauthenticated(detail, code="token_invalid", resolve="Ask an admin for a new one.")
