"""The process of a service: `python -m placet_<source>` serves, `… migrate` prepares the database, `… declare-restore` declares
that the database was restored; a service may have further acts.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import FastAPI

from placet_shared.logs import configure_logging
from placet_shared.postgres import Migrations, connect, wait_for_database
from placet_shared.postgres.errors import DATABASE_ERRORS
from placet_shared.service.migrating import MIGRATE, migrate_process
from placet_shared.settings import ServiceSettings, SettingsError
from placet_shared.telemetry.setup import flush_traces, start_tracing
from placet_shared.web.limits import Limits
from placet_shared.web.server import serve

__all__ = ["Act", "run_process"]

DECLARE_RESTORE = "select declare_restore()"

S = TypeVar("S", bound=ServiceSettings)


@dataclass(frozen=True)
class Act(Generic[S]):
    """Something else that a service's process can do: `python -m placet_<source> <name> <words…>`; gives the exit code.

    `waits`: it goes on for ever, and so begins by waiting for the database, as serving does.
    """

    name: str
    help: str
    run: Callable[..., Coroutine[Any, Any, int]]
    words: Sequence[str] = ()
    waits: bool = False


def run_process(
    settings_class: type[S],
    app: Callable[[S], FastAPI],
    migrations: Migrations,
    acts: Sequence[Act[S]] = (),
    arguments: Sequence[str] | None = None,
) -> int:
    """Do what the arguments say; gives the process's exit code, 2 for settings that can't be used."""
    source = settings_class.SOURCE
    asked = _parser(source, acts).parse_args(arguments)
    if asked.act == MIGRATE:
        return migrate_process(settings_class, migrations)
    try:
        settings = settings_class.load()
        configure_logging(source, settings.log_level, settings.log_file, settings.log_file_bytes, settings.log_files_kept)
        if asked.act == "declare-restore":
            return asyncio.run(_declare_restore(settings))
        for act in acts:
            if act.name == asked.act:
                if act.waits and not asyncio.run(_database_is_there(settings)):
                    return 0
                start_tracing(f"placet-{source}-{act.name}")
                return asyncio.run(act.run(settings, *[getattr(asked, word) for word in act.words]))
        if not asyncio.run(_database_is_there(settings)):
            return 0
        start_tracing(f"placet-{source}")
        serve(app(settings), settings.host, settings.port, Limits.of(settings))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        flush_traces()
    return 0


def _parser(source: str, acts: Sequence[Act[S]]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m placet_{source}", description=f"{source}-service of Placet")
    names = ["serve", MIGRATE, "declare-restore", *[act.name for act in acts]]
    chosen = parser.add_subparsers(dest="act", metavar=f"{{{','.join(names)}}}")
    chosen.add_parser("serve", help="serve until stopped (the default)")
    chosen.add_parser(MIGRATE, help="bring the database to this release's schema")
    chosen.add_parser("declare-restore", help="say that the database was restored from a copy: a new epoch is opened")
    for act in acts:
        one = chosen.add_parser(act.name, help=act.help)
        for word in act.words:
            one.add_argument(word, metavar=word.upper())
    return parser


async def _database_is_there(settings: ServiceSettings) -> bool:
    """Wait until it is; False when the process has to stop before."""
    url, name = settings.database_url.get_secret_value(), f"placet {settings.SOURCE} start"
    waiting = asyncio.create_task(wait_for_database(url, settings.database_schema, name))
    for number in (signal.SIGINT, signal.SIGTERM):  # process 1 of a container would ignore them otherwise
        asyncio.get_running_loop().add_signal_handler(number, waiting.cancel)
    try:
        await waiting
    except asyncio.CancelledError:
        return False
    return True


async def _declare_restore(settings: ServiceSettings) -> int:
    """The next event begins a new epoch, even if the server shows no sign of a restore."""
    try:
        connection = await connect(settings.database_url.get_secret_value(), settings.database_schema, f"placet {settings.SOURCE} restore")
        try:
            await connection.execute(DECLARE_RESTORE)
        finally:
            await connection.close()
    except DATABASE_ERRORS as error:
        print(f"nothing was declared: {error}", file=sys.stderr)
        return 1
    print(f"{settings.SOURCE}: restored; its next event opens a new epoch")
    return 0
