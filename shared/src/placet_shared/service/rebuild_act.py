"""`python -m placet_<source> rebuild <projection>`: a process of its own, with its progress on the terminal."""

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, TypeVar

from placet_shared.errors import PlacetError
from placet_shared.event_store import EventRegistry, Part
from placet_shared.postgres import Migrations, check_schema, connect
from placet_shared.postgres.errors import DATABASE_ERRORS
from placet_shared.rebuilding.own_events import OwnEvents
from placet_shared.rebuilding.rebuild import CannotRebuild, Reached, Replay, rebuild
from placet_shared.service.process import Act
from placet_shared.settings import ServiceSettings, SettingsError

__all__ = ["OpenReplay", "rebuild_act", "replays_of"]

S = TypeVar("S", bound=ServiceSettings)

SHOW_EVERY_SECONDS = 0.5
ALL = "all"

OpenReplay = Callable[[S], AbstractAsyncContextManager[Replay]]
"""Gives the replay of a projection, with whatever it reads from."""


def replays_of(event_registry: EventRegistry, parts: Mapping[str, Part]) -> Mapping[str, OpenReplay[Any]]:
    """A replay for each part of the service's own read model."""

    def opening(part: Part) -> OpenReplay[Any]:
        return lambda settings: nullcontext(OwnEvents(event_registry, part))

    return {name: opening(part) for name, part in parts.items()}


def rebuild_act(settings_class: type[S], migrations: Migrations, replays: Mapping[str, OpenReplay[S]]) -> Act[S]:
    """The act of a service that has these projections, on tables as exactly these migrations leave them."""

    async def run(settings: S, projection: str) -> int:
        names = sorted(replays) if projection == ALL else [projection]
        if projection not in {ALL, *replays}:
            print(f"there is no projection {projection}; there are: {', '.join(sorted(replays))}; {ALL} means all of them", file=sys.stderr)
            return 2
        if settings.migration_url is None:
            raise SettingsError(f"PLACET_{settings.SOURCE.upper()}_MIGRATION_URL is not set: it names the role that may create tables.")
        url = settings.migration_url.get_secret_value()
        try:
            await _check(url, settings.database_schema, migrations)
        except (RuntimeError, *DATABASE_ERRORS) as error:
            print(f"nothing was rebuilt: {error}", file=sys.stderr)
            return 1
        return max([await _rebuild(settings, url, name, replays[name]) for name in names])

    return Act[S]("rebuild", "build a projection anew while the old one serves, and swap them", run, words=("projection",))


async def _check(url: str, schema: str, migrations: Migrations) -> None:
    """Another release would fill tables that it does not know; raises `RuntimeError`."""
    connection = await connect(url, schema, "placet rebuild")
    try:
        await connection.execute(f'set role "placet_{schema}_owner"')
        await check_schema(connection, migrations)
    finally:
        await connection.close()


async def _rebuild(settings: S, url: str, name: str, opening: OpenReplay[S]) -> int:
    shown = _Shown(name)
    try:
        async with opening(settings) as replay:
            reached = await rebuild(url, settings.database_schema, replay, shown.progress)
    except (CannotRebuild, PlacetError, *DATABASE_ERRORS) as error:
        print(f"{name} was not rebuilt, and the old tables go on serving: {error}", file=sys.stderr)
        return 1
    places = ", ".join(f"{of} up to {cursor.position}" for of, cursor in reached.items())
    print(f"{name} is rebuilt and serves: {places} ({shown.seconds:.1f} s)")
    return 0


class _Shown:
    """Progress, now and then, on standard error."""

    def __init__(self, projection: str) -> None:
        self._projection = projection
        self._began = self._last = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    def progress(self, done: Reached, of: Reached) -> None:
        """As a number of events."""
        now = time.monotonic()
        if now - self._last < SHOW_EVERY_SECONDS:
            return
        self._last = now
        events, all_of_them = _events(done), _events(of)
        rate = events / max(now - self._began, 0.001)
        print(f"{self._projection}: {events:,} of {all_of_them:,} ({rate:,.0f} a second)", file=sys.stderr, flush=True)


def _events(reached: Reached) -> int:
    return sum(cursor.position for cursor in reached.values())
