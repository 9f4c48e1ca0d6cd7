"""The workers that see to texts, as one: the log is read for them, and each source's missing ones are fetched."""

from collections.abc import Collection, Sequence

import asyncpg

from placet_audit.workers.text_fetcher import TEXTS_MISSING, TextFetcher, texts_missing
from placet_audit.workers.text_notes import TextNotes
from placet_shared.bus.consumer import Consumer
from placet_shared.bus.ports import TextSource
from placet_shared.telemetry.meters import Meters
from placet_shared.workers import Loop

__all__ = ["Texts"]


class Texts:
    """`consumers` are those that fill the log: more entries wake the notes, and new notes wake the fetchers."""

    def __init__(self, pool: asyncpg.Pool, consumers: Sequence[Consumer], sources: Sequence[TextSource]) -> None:
        self._pool = pool
        self._consumers = consumers
        self._fetchers = [TextFetcher(pool, source) for source in sources]
        self._notes = TextNotes(pool, self._level, self._noted)
        for consumer in consumers:
            consumer.also_wake(self._notes.loop.wake)

    @property
    def loops(self) -> Sequence[Loop]:
        """All of them."""
        return (self._notes.loop, *[fetcher.loop for fetcher in self._fetchers])

    @property
    def settled(self) -> Collection[str]:
        """Sources whose texts may be shown."""
        return self._notes.settled

    def measure(self, meters: Meters) -> None:
        """Export what is missing and what was dropped."""
        meters.asked(TEXTS_MISSING, lambda: texts_missing(self._pool))
        for fetcher in self._fetchers:
            fetcher.measure(meters)

    def _level(self) -> Collection[str]:
        return [consumer.source.name for consumer in self._consumers if consumer.progress.lag == 0]

    def _noted(self) -> None:
        for fetcher in self._fetchers:
            fetcher.loop.wake()
