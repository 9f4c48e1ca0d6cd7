"""Tells channels of Slack and Teams of what waits: one process at a time, each channel by itself, so that none waits for a slow one."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

import asyncpg
import orjson

from placet_approval.domain.channel import ChannelKind
from placet_approval.domain.channel_posts import Post, post_of, trial_post
from placet_approval.domain.webhook_address import webhook_address
from placet_approval.domain.webhook_retries import Attempted
from placet_approval.ports import Receivers
from placet_approval.queries.readers import ChannelReader, channel_readers
from placet_approval.queries.told import new_for
from placet_approval.workers.telling import forget, is_due, note_looked, note_refused, note_told
from placet_shared.errors import PlacetError
from placet_shared.event_store import EventStore
from placet_shared.postgres.errors import DATABASE_ERRORS
from placet_shared.workers import Leading, Loop

__all__ = ["ChannelPosts"]

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 10.0
JSON = {"Content-Type": "application/json"}
TO_TEST = """
    select c.channel_id, c.kind, a.url, c.tested_at from channels c join channel_addresses a using (channel_id)
    left join channel_posts p using (channel_id) where c.tested_at > coalesce(p.tested_at, '-infinity')
"""
POSTED = """
    insert into channel_posts (channel_id, posted_at, status, error, tested_at) values ($1, clock_timestamp(), $2, $3, $4)
    on conflict (channel_id) do update set posted_at = excluded.posted_at, status = excluded.status, error = excluded.error,
        tested_at = coalesce(excluded.tested_at, channel_posts.tested_at)
"""
Work = Callable[[], Awaitable[None]]


class ChannelPosts:
    """Its `loop` ends with the process; `stop` cuts off what is under way then, which is posted again."""

    def __init__(self, store: EventStore, receivers: Receivers, link: str | None) -> None:
        self._pool: asyncpg.Pool = store.pool
        self._receivers = receivers
        self._link = link
        self._running: dict[str, asyncio.Task[None]] = {}
        leading = Leading(store.url, store.schema, store.source, "channels")
        self.loop = Loop("posts to channels", self.begin, every_seconds=LOOK_EVERY_SECONDS, leading=leading)

    async def begin(self) -> None:
        """All posts that are due, without waiting for any of them."""
        for row in await self._pool.fetch(TO_TEST):
            self._start(row["channel_id"], partial(self._test, *row))
        now = datetime.now(UTC)
        for one in await channel_readers(self._pool):
            if is_due(one.reader, now):
                self._start(one.reader.reader_id, partial(self._tell, one))
        await forget(self._pool)

    async def tell(self) -> None:
        """All that is due, and its end."""
        await self.begin()
        await asyncio.gather(*self._running.values())

    async def stop(self) -> None:
        """What is under way is posted again by the next process."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, channel_id: str, work: Work) -> None:
        if channel_id not in self._running:
            task = asyncio.create_task(self._guarded(channel_id, work), name=f"channel {channel_id}")
            self._running[channel_id] = task
            task.add_done_callback(partial(self._ended, channel_id))

    def _ended(self, channel_id: str, _: asyncio.Task[None]) -> None:
        self._running.pop(channel_id, None)

    async def _guarded(self, channel_id: str, work: Work) -> None:
        try:
            await work()
        except (PlacetError, *DATABASE_ERRORS) as error:
            logger.warning("posts to channel %s have to wait: %r", channel_id, error)
        except Exception:
            logger.exception("posts to channel %s have failed", channel_id)

    async def _tell(self, one: ChannelReader) -> None:
        new = await new_for(self._pool, one.reader)
        if new:
            posted = await self._post(one.reader.reader_id, one.url, post_of(one.kind, new, self._link))
            if not posted.is_delivered:
                return await note_refused(self._pool, one.reader)
            await note_told(self._pool, one.reader, new)
        await note_looked(self._pool, one.reader)

    async def _test(self, channel_id: str, kind: ChannelKind, url: str, tested_at: datetime) -> None:
        await self._post(channel_id, url, trial_post(kind), tested_at)

    async def _post(self, channel_id: str, url: str, post: Post, tested_at: datetime | None = None) -> Attempted:
        """Once; what became of it is shown to admins."""
        async with self._receivers.connected(webhook_address(url)) as receiver:
            attempted = await receiver.send(JSON, orjson.dumps(post))
        error = None if attempted.is_delivered else attempted.error or attempted.response
        await self._pool.execute(POSTED, channel_id, attempted.status, error, tested_at)
        return attempted
