"""Forward-only, numbered SQL migrations, run as the owner of the tables under an advisory lock."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from placet_shared.postgres.connections import connect

__all__ = ["Migration", "Migrations", "check_schema", "migrate", "role_of"]

CREATE_LEDGER = """
    create table if not exists migrations (
        package text not null, name text not null, sha256 text not null, applied_at timestamptz not null default clock_timestamp(),
        primary key (package, name)
    )
"""
APPLIED = "select package, name, sha256 from migrations"
RECORD = "insert into migrations (package, name, sha256) values ($1, $2, $3)"
HAS_LEDGER = "select to_regclass('migrations') is not null"
ROLE_EXISTS = "select exists (select from pg_roles where rolname = $1)"
MAY_CREATE_ROLES = "select rolcreaterole or rolsuper from pg_roles where rolname = session_user"
LOCK = "select pg_advisory_lock(hashtextextended('placet migrations ' || $1, 0))"

# What only functions of the owner may write; everything else is the service's own to fill.
APPEND_ONLY = ("events", "epochs", "store", "migrations", "entries", "entries_%")
# Not those that stand before the generations of a table: they are written through.
VIEWS = """
    select quote_ident(relname) from pg_class v
    where relnamespace = current_schema()::regnamespace and relkind = 'v' and not exists (
        select from pg_class g where g.relnamespace = v.relnamespace and g.relkind = 'r' and g.relname ~ ('^' || v.relname || '_g[0-9]+$')
    )
"""
GUARDED = """
    select quote_ident(relname) from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and relname like any ($1::text[])
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One SQL file; `package` and `name` identify it for ever."""

    package: str
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """Digest of the file; an applied migration must not change."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


class Migrations:
    """The migrations of some packages, in the order of the packages and then of their numbers."""

    def __init__(self, *packages: str) -> None:
        self.all: Sequence[Migration] = [migration for package in packages for migration in _read(package)]


def _read(package: str) -> list[Migration]:
    """Without importing the package, whose modules a migration does not need."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0], "migrations")
    return [Migration(package, file.name, file.read_text()) for file in sorted(folder.glob("*.sql"))]


async def migrate(url: str, schema: str, migrations: Migrations, *, service_role: str) -> list[str]:
    """Apply what is missing; returns the names of what was applied.

    `url` logs in as a role that may become the owner: a superuser, or a member of `placet_<schema>_owner`.
    `service_role` gets what the service needs and nothing more. Raises `RuntimeError` when an applied file has changed.
    """
    connection = await connect(url, schema, "placet migrations", statement_timeout="0", idle_in_transaction_session_timeout="0")
    try:
        await connection.fetchval(LOCK, schema)
        await _become_owner(connection, schema)
        applied = await _apply(connection, migrations)
        await _grant(connection, schema, service_role)
        return applied
    finally:
        await connection.close()


async def _become_owner(connection: asyncpg.Connection, schema: str) -> None:
    owner = f"placet_{schema}_owner"
    if not await connection.fetchval(ROLE_EXISTS, owner):
        await connection.execute(f'create role "{owner}" nologin')
        await connection.execute(f'grant "{owner}" to current_user')
    if not await connection.fetchval(ROLE_EXISTS, _reader(schema)) and await connection.fetchval(MAY_CREATE_ROLES):
        await connection.execute(f'create role "{_reader(schema)}" nologin')
    if not await connection.fetchval("select exists (select from pg_namespace where nspname = $1)", schema):
        await connection.execute(f'create schema "{schema}" authorization "{owner}"')
    await connection.execute(f'set role "{owner}"')


async def _apply(connection: asyncpg.Connection, migrations: Migrations) -> list[str]:
    await connection.execute(CREATE_LEDGER)
    applied = {(row["package"], row["name"]): row["sha256"] for row in await connection.fetch(APPLIED)}
    new: list[str] = []
    for migration in migrations.all:
        known = applied.get((migration.package, migration.name))
        if known is None:
            async with connection.transaction():
                await connection.execute(migration.sql)
                await connection.execute(RECORD, migration.package, migration.name, migration.sha256)
            new.append(f"{migration.package}/{migration.name}")
        elif known != migration.sha256:
            raise RuntimeError(f"migration {migration.package}/{migration.name} was applied with another text; add a new one instead")
    return new


async def _grant(connection: asyncpg.Connection, schema: str, service_role: str) -> None:
    guarded = ", ".join(row[0] for row in await connection.fetch(GUARDED, APPEND_ONLY))
    await connection.execute(f"""
        grant usage on schema "{schema}" to "{service_role}";
        grant select, insert, update, delete on all tables in schema "{schema}" to "{service_role}";
        grant usage, select on all sequences in schema "{schema}" to "{service_role}";
        revoke insert, update, delete, truncate, references, trigger on {guarded} from "{service_role}";
        revoke all on all functions in schema "{schema}" from public;
        grant execute on all functions in schema "{schema}" to "{service_role}";
    """)
    if await connection.fetchval(ROLE_EXISTS, _reader(schema)):
        await connection.execute(f'grant usage on schema "{schema}" to "{_reader(schema)}"')
        for row in await connection.fetch(VIEWS):
            await connection.execute(f'grant select on {row[0]} to "{_reader(schema)}"')


def _reader(schema: str) -> str:
    """The role that reads the documented views and nothing else; grant it to readers."""
    return f"placet_{schema}_reader"


async def check_schema(connection: asyncpg.Connection, migrations: Migrations) -> None:
    """Raises `RuntimeError` unless exactly the migrations that this code knows were applied."""
    if not await connection.fetchval(HAS_LEDGER):
        raise RuntimeError("the database has no tables yet: run the migrations first (python -m <package> migrate)")
    applied = {(row["package"], row["name"]): row["sha256"] for row in await connection.fetch(APPLIED)}
    known = {(migration.package, migration.name): migration.sha256 for migration in migrations.all}
    missing = sorted("/".join(key) for key in known.keys() - applied.keys())
    unknown = sorted("/".join(key) for key in applied.keys() - known.keys())
    changed = sorted("/".join(key) for key in known.keys() & applied.keys() if known[key] != applied[key])
    if missing or unknown or changed:
        raise RuntimeError(f"the schema is not the one this release knows: missing {missing}, unknown {unknown}, changed {changed}")


def role_of(url: str) -> str:
    """The role that a database URL logs in as."""
    role = urlsplit(url).username
    if not role:
        raise ValueError("the database URL names no user")
    return role
