"""`python -m placet_<source> rebuild <projection>`: a process of its own, with its progress on the terminal."""

import sys
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

import asyncpg

from placet_shared.process import Act
from placet_shared.rebuilding.rebuild import Rebuilding, Replay, rebuild
from placet_shared.settings import ServiceSettings, SettingsError

__all__ = ["rebuild_act"]

S = TypeVar("S", bound=ServiceSettings)

SHOW_EVERY_SECONDS = 0.5


def rebuild_act(settings_class: type[S], replays: Mapping[str, Callable[[], Replay]]) -> Act[S]:
    """The act of a service that has these projections."""

    async def run(settings: S, projection: str) -> int:
        if projection not in replays:
            print(f"there is no projection {projection}; there are: {', '.join(sorted(replays))}", file=sys.stderr)
            return 2
        if settings.migration_url is None:
            raise SettingsError(f"PLACET_{settings.SOURCE.upper()}_MIGRATION_URL is not set: it names the role that may create tables.")
        shown = _Shown(projection)
        try:
            reached = await rebuild(
                settings.migration_url.get_secret_value(), settings.database_schema, replays[projection](), shown.progress
            )
        except (Rebuilding, OSError, asyncpg.PostgresError) as error:
            print(f"{projection} was not rebuilt, and what served goes on serving: {error}", file=sys.stderr)
            return 1
        print(f"{projection} is rebuilt up to {reached} and serves ({shown.seconds:.1f} s)")
        return 0

    return Act[S]("rebuild", "build a projection anew while the old one serves, and swap them", run, words=("projection",))


class _Shown:
    """Progress, now and then, on standard error."""

    def __init__(self, projection: str) -> None:
        self._projection = projection
        self._began = self._last = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    def progress(self, done: int, of: int) -> None:
        """Both as positions."""
        now = time.monotonic()
        if now - self._last < SHOW_EVERY_SECONDS:
            return
        self._last = now
        rate = done / max(now - self._began, 0.001)
        print(f"{self._projection}: {done:,} of {of:,} ({rate:,.0f} a second)", file=sys.stderr, flush=True)
