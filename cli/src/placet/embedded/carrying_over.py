"""Migrates a data folder of the former layout, one database with four schemas, to one with a database for each service.

1. The whole database is copied for each source, and the other sources' schemas are dropped in the copy.
2. In one transaction all copies get the names under which services look for them.
3. The former database is dropped: what is erased from now on must not live on in it.

Killed before 2 has committed, the next start drops the copies and begins again; afterwards only 3 is left.
No service runs meanwhile, so nothing is written in between.
"""

from collections.abc import Callable, Sequence
from typing import Any

import asyncpg

from placet.embedded.problems import CannotCarryOver
from placet.embedded.roles import DATABASES, SuperuserUrl, database_of
from placet_shared.crash_points import passing
from placet_shared.postgres.errors import DATABASE_ERRORS
from placet_shared.processes import SOURCES

__all__ = ["FORMER_DATABASE", "carry_over"]

FORMER_DATABASE = "placet"
UNFINISHED = "_unfinished"

# The files themselves are copied: for a large database that is faster than to log each page, and as durable.
COPY = 'CREATE DATABASE "{}" TEMPLATE "{}" STRATEGY file_copy'
DROP_SCHEMA = 'DROP SCHEMA IF EXISTS "{}" CASCADE'
RENAME = 'ALTER DATABASE "{}" RENAME TO "{}"'
DROP_DATABASE = 'DROP DATABASE IF EXISTS "{}" WITH (FORCE)'
HAS_EVENTS = "SELECT to_regclass($1) IS NOT NULL"
HEAD = "SELECT position, id FROM {} ORDER BY position DESC LIMIT 1"


async def carry_over(url: SuperuserUrl, say: Callable[[str], None]) -> None:
    """Migrate if there is a former database; raises `CannotCarryOver`, and then nothing has changed."""
    try:
        connection = await asyncpg.connect(url("postgres"))
        try:
            there = {row["datname"] for row in await connection.fetch(DATABASES)}
            if FORMER_DATABASE in there:
                await _carry_over(connection, url, say, [source for source in SOURCES if database_of(source) in there])
        finally:
            await connection.close()
    except DATABASE_ERRORS as error:
        raise CannotCarryOver(FORMER_DATABASE, f"{error}") from error


async def _carry_over(connection: asyncpg.Connection, url: SuperuserUrl, say: Callable[[str], None], carried: Sequence[str]) -> None:
    if not carried:
        say("gives each service a database of its own; copying takes a while where there is much")
        for source in SOURCES:
            await _copy(connection, url, source)  # 1
        passing("carrying_over.before_naming")
        async with connection.transaction():
            for source in SOURCES:
                await connection.execute(RENAME.format(database_of(source) + UNFINISHED, database_of(source)))  # 2
            passing("carrying_over.before_commit")
        passing("carrying_over.before_dropping")
    for source in SOURCES:
        await _require_the_same(url, source)
    await connection.execute(DROP_DATABASE.format(FORMER_DATABASE))  # 3
    passing("carrying_over.after_dropping")
    say("each service has a database of its own now")


async def _copy(connection: asyncpg.Connection, url: SuperuserUrl, source: str) -> None:
    name = database_of(source) + UNFINISHED
    await connection.execute(DROP_DATABASE.format(name))
    await connection.execute(COPY.format(name, FORMER_DATABASE))
    passing("carrying_over.after_copying")
    copy = await asyncpg.connect(url(name))
    try:
        for other in SOURCES:
            if other != source:
                await copy.execute(DROP_SCHEMA.format(other))
    finally:
        await copy.close()
    passing("carrying_over.after_one")


async def _require_the_same(url: SuperuserUrl, source: str) -> None:
    """Refuse when an older release was started on this folder afterwards and continued in the former database."""
    if await _head(url(FORMER_DATABASE), source) != await _head(url(database_of(source)), source):
        raise CannotCarryOver(
            FORMER_DATABASE, f"{database_of(source)} is there too and has other events; which of them counts is for an operator to say"
        )


async def _head(url: str, source: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        events = f'"{source}".events'
        return await connection.fetchrow(HEAD.format(events)) if await connection.fetchval(HAS_EVENTS, events) else None
    finally:
        await connection.close()
