"""Databases for tests: one server for a run, a prepared database copied for each test, and roles to log in as."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from placet_shared.postgres import Migrations, connect, migrate

__all__ = [
    "PASSWORD",
    "DatabaseServer",
    "DatabaseSite",
    "PrepareDatabase",
    "as_role",
    "connected",
    "create_role",
    "execute",
    "prepare_schema",
    "service_role",
]

PrepareDatabase = Callable[[str], Coroutine[Any, Any, None]]
"""Fills an empty database, given a superuser's URL of it."""

# Roles belong to the whole server, so that every test has to use the same one.
PASSWORD = "secret"
# Two processes of a test run may create the same role at the same moment.
CREATE_ROLE = """
    do $$ begin
        create role {role} login password '{password}';
    exception when duplicate_object or unique_violation then null;
    end $$
"""


@dataclass(slots=True)
class DatabaseServer:
    """A server that tests may do anything to but stop it; `any_database` is a superuser's URL. `close` it."""

    runner: asyncio.Runner
    any_database: str
    strategy: str
    templates: dict[PrepareDatabase, str] = field(default_factory=dict)
    connection: asyncpg.Connection | None = None

    def superuser_url(self, database: str = "postgres") -> str:
        """The URL of one of its databases."""
        return urlunsplit(urlsplit(self.any_database)._replace(path=f"/{database}"))

    def execute(self, statement: str) -> None:
        """One statement as the superuser, in no database of a test."""
        self.runner.run(self._execute(statement))

    @contextmanager
    def database(self, prepare: PrepareDatabase | None = None) -> Iterator[str]:
        """The URL of a database that is empty or as `prepare` leaves one, and dropped afterwards, whatever is still connected."""
        name = self._create(self._template(prepare) if prepare else "template0")
        try:
            yield self.superuser_url(name)
        finally:
            self._drop(name)

    def drop_templates(self) -> None:
        """For a server that outlives the run."""
        for name in self.templates.values():
            self._drop(name)

    def close(self) -> None:
        """Leave the server."""
        if self.connection:
            self.runner.run(self.connection.close())

    async def _execute(self, statement: str) -> None:
        """By one connection for the whole run: opening one takes the server a fifth of the time that a new database takes it."""
        if self.connection is None or self.connection.is_closed():
            self.connection = await asyncpg.connect(self.superuser_url())
        await self.connection.execute(statement)

    def _template(self, prepare: PrepareDatabase) -> str:
        """Prepared once in a run: migrations take longer than copying what they made."""
        if prepare not in self.templates:
            name = self._create("template0")
            self.runner.run(prepare(self.superuser_url(name)))
            self.templates[prepare] = name
        return self.templates[prepare]

    def _create(self, template: str) -> str:
        name = f"test_{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY {self.strategy}")
        return name

    def _drop(self, name: str) -> None:
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")


def service_role(schema: str) -> str:
    """The login role of the service that owns a schema, as installations name it."""
    return f"placet_{schema}"


def as_role(url: str, role: str) -> str:
    """The same database, logged in as another role."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{role}:{PASSWORD}@{parts.netloc.rpartition('@')[2]}"))


async def execute(url: str, script: str) -> None:
    """One or several statements in a connection of their own."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(script)
    finally:
        await connection.close()


async def create_role(superuser_url: str, role: str) -> None:
    """A role that can log in, unless it is there."""
    await execute(superuser_url, CREATE_ROLE.format(role=role, password=PASSWORD))


async def prepare_schema(superuser_url: str, schema: str, migrations: Migrations, tables: str = "") -> None:
    """A service's login role, its schema and its tables; `tables` are further statements, executed as the owner of the schema."""
    await create_role(superuser_url, service_role(schema))
    await migrate(superuser_url, schema, migrations, service_role=service_role(schema))
    if tables:
        async with connected(superuser_url, schema) as connection:
            await connection.execute(f'set role "placet_{schema}_owner"; {tables}')


@asynccontextmanager
async def connected(url: str, schema: str, **settings: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection for a block."""
    connection = await connect(url, schema, **settings)
    try:
        yield connection
    finally:
        await connection.close()


@dataclass
class DatabaseSite:
    """A database of a test's own with a service's schema in it; `superuser_url` sees everything."""

    superuser_url: str
    schema: str

    @property
    def url(self) -> str:
        """The service's own."""
        return as_role(self.superuser_url, service_role(self.schema))

    def superuser(self) -> AbstractAsyncContextManager[asyncpg.Connection]:
        """A connection that may do everything."""
        return connected(self.superuser_url, self.schema)

    def service(self) -> AbstractAsyncContextManager[asyncpg.Connection]:
        """A connection that may do what the service may."""
        return connected(self.url, self.schema)

    async def fetch(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        """Rows as the superuser sees them."""
        async with self.superuser() as connection:
            rows: list[asyncpg.Record] = await connection.fetch(sql, *args)
            return rows

    async def execute(self, script: str) -> None:
        """One or several statements as the superuser."""
        async with self.superuser() as connection:
            await connection.execute(script)

    async def events(self) -> list[asyncpg.Record]:
        """All rows of the event table, in order."""
        return await self.fetch("select * from events order by position")

    async def event_types(self) -> list[str]:
        """Types of all events, in order."""
        return [row["type"] for row in await self.events()]
