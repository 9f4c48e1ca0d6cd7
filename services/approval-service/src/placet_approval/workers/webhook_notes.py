"""Notes what became of deliveries to webhooks: those of all receivers that end within a moment by one statement.

A process that is killed in between has sent what it did not note, and it is sent again: at least once.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import asyncpg

from placet_approval.domain.webhook_retries import Attempted, Outcome

__all__ = ["WebhookNotes"]

TOGETHER_SECONDS = 0.01
# Longer than an attempt may take, and renewed with each. What was forgotten meanwhile has no row any more.
NOTE = """
    with noted as (
        select * from unnest($1::bigint[], $2::integer[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::interval[])
            one (seq, milliseconds, status, error, response, state, holds, pause)
    ), delivery as (
        update webhook_deliveries d
        set state = n.state, holds = n.holds, next_attempt_at = clock_timestamp() + n.pause, attempts = attempts + 1,
            changed_at = clock_timestamp()
        from noted n where d.seq = n.seq
        returning d.seq
    ), attempt as (
        insert into webhook_attempts (seq, milliseconds, status, error, response)
        select n.seq, n.milliseconds, n.status, n.error, n.response from noted n join delivery using (seq)
    )
    update webhook_endpoints e set busy_until = case when not l.released then clock_timestamp() + interval '30 seconds' end
    from unnest($9::text[], $10::boolean[]) l (webhook_id, released) where e.webhook_id = l.webhook_id
"""


@dataclass(slots=True)
class _Page:
    """What is written together; `written` is done when it is."""

    written: asyncio.Future[None]
    rows: list[tuple[object, ...]] = field(default_factory=list)
    released: dict[str, bool] = field(default_factory=dict)


class WebhookNotes:
    """Takes notes and writes them soon. A webhook's lease goes on with each, and ends with `release`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._page: _Page | None = None
        self._writing: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()

    def take(self, webhook_id: str, seq: int, attempted: Attempted, then: Outcome) -> asyncio.Future[None]:
        """What became of a delivery; the future is done when it is written, and has the error if it can't be."""
        page = self._open()
        what = (attempted.milliseconds, attempted.status, attempted.error, attempted.response)
        page.rows.append((seq, *what, then.state, then.holds, then.pause))
        page.released[webhook_id] = False
        return page.written

    def release(self, webhook_id: str) -> asyncio.Future[None]:
        """Nothing is under way to it any more."""
        page = self._open()
        page.released[webhook_id] = True
        return page.written

    async def stop(self) -> None:
        """Write what was taken."""
        await asyncio.gather(*self._writing, return_exceptions=True)

    def _open(self) -> _Page:
        if self._page is None:
            self._page = _Page(asyncio.get_running_loop().create_future())
            # Its waiters may all be gone.
            self._page.written.add_done_callback(lambda written: written.cancelled() or written.exception())
            task = asyncio.create_task(self._write(self._page))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)
        return self._page

    async def _write(self, page: _Page) -> None:
        await asyncio.sleep(TOGETHER_SECONDS)
        try:
            async with self._one_at_a_time:  # what comes meanwhile is written together
                self._page = None
                await self._pool.execute(NOTE, *_columns(page.rows), *_leases(page.released))
        except Exception as error:
            page.written.set_exception(error)
        else:
            page.written.set_result(None)


def _columns(rows: list[tuple[object, ...]]) -> list[list[object]]:
    return [[row[place] for row in rows] for place in range(8)]


def _leases(released: Mapping[str, bool]) -> tuple[list[str], list[bool]]:
    return list(released), list(released.values())
