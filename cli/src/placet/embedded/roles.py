"""A database for each source: in it a schema, an owner that can't log in, and a login role that owns nothing.

Advisory locks are per database and every role that may connect may take any of them, so a service has its database for itself.
"""

import asyncio
from collections.abc import Callable, Mapping

import asyncpg

__all__ = ["READER", "SuperuserUrl", "create_databases", "create_reader_login", "database_of", "login_role"]

SuperuserUrl = Callable[[str], str]
"""Gives a superuser's URL of the database of that name."""

DATABASES = "SELECT datname FROM pg_database"
CREATE_DATABASE = 'CREATE DATABASE "{}" TEMPLATE template0'

# No role gets rights by default, also not in the databases that the server comes with.
CLOSE_THE_SERVERS_OWN = "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC"
CLOSE_TO_PUBLIC = """
DO $close$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()); END $close$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
"""

# `format` quotes the password; a DO block takes no parameters, so they come as settings of the transaction.
CREATE_ROLES = """
DO $roles$
DECLARE
    source text := current_setting('placet.source');
    owner  text := 'placet_' || source || '_owner';
    login  text := 'placet_' || source;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = owner) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', owner);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) THEN
        EXECUTE format('CREATE ROLE %I LOGIN', login);
    END IF;
    EXECUTE format('ALTER ROLE %I PASSWORD %L', login, current_setting('placet.password'));
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), login);
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', source, owner);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', source, login);
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO %I', current_database(), owner);  -- to build projections anew
END
$roles$
"""
# Members of this role may read the views of the audit log (docs/audit.md), and so need to connect.
CREATE_READER = """
DO $reader$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'placet_audit_reader') THEN
        CREATE ROLE placet_audit_reader NOLOGIN;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO placet_audit_reader', current_database());
END $reader$
"""
# Every role that may connect could take any lock, that of the log too, and write large objects: it may end a read-only transaction.
CLOSE_TO_READERS = """
DO $close$
DECLARE
    closed regprocedure;
BEGIN
    FOR closed IN
        SELECT p.oid FROM pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ '^(pg_(try_)?advisory_|lo_|lowrite|pg_logical_emit_message)'
          AND has_function_privilege('public', p.oid, 'EXECUTE')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', closed);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO placet_audit, placet_audit_owner', closed);
    END LOOP;
END $close$
"""
READER = "placet_reader"
"""A login that may read the audit log's views and nothing else; made when `placet psql` first needs it."""

CREATE_READER_LOGIN = """
DO $reader$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'placet_reader') THEN
        CREATE ROLE placet_reader LOGIN;
    END IF;
    ALTER ROLE placet_reader CONNECTION LIMIT 8;
    ALTER ROLE placet_reader SET default_transaction_read_only = on;
    ALTER ROLE placet_reader SET temp_file_limit = '1GB';
    ALTER ROLE placet_reader SET idle_in_transaction_session_timeout = '10min';
    EXECUTE format('ALTER ROLE placet_reader PASSWORD %L', current_setting('placet.password'));
    GRANT placet_audit_reader TO placet_reader;
END $reader$
"""
SET_PARAMETER = "SELECT set_config($1, $2, true)"


def login_role(source: str) -> str:
    return f"placet_{source}"


def database_of(source: str) -> str:
    return f"placet_{source}"


async def create_databases(url: SuperuserUrl, passwords: Mapping[str, str]) -> None:
    """Make what is missing for each source that `passwords` has one for. Running it again changes nothing but passwords."""
    connection = await asyncpg.connect(url("postgres"))
    try:
        await connection.execute(CLOSE_THE_SERVERS_OWN)
        there = {row["datname"] for row in await connection.fetch(DATABASES)}
    finally:
        await connection.close()
    await asyncio.gather(*[_create(url, source, database_of(source) in there, password) for source, password in passwords.items()])


async def create_reader_login(url: SuperuserUrl, password: str) -> None:
    """Make the login `READER` with this password; running it again changes nothing."""
    connection = await asyncpg.connect(url(database_of("audit")))
    try:
        async with connection.transaction():
            await connection.execute(SET_PARAMETER, "placet.password", password)
            await connection.execute(CREATE_READER_LOGIN)
    finally:
        await connection.close()


async def _create(url: SuperuserUrl, source: str, is_there: bool, password: str) -> None:
    if not is_there:
        connection = await asyncpg.connect(url("postgres"))
        try:
            await connection.execute(CREATE_DATABASE.format(database_of(source)))
        finally:
            await connection.close()
    await _fill(url(database_of(source)), source, password)


async def _fill(url: str, source: str, password: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute(CLOSE_TO_PUBLIC)
            await connection.execute(SET_PARAMETER, "placet.source", source)
            await connection.execute(SET_PARAMETER, "placet.password", password)
            await connection.execute(CREATE_ROLES)
            if source == "audit":
                await connection.execute(CREATE_READER)
                await connection.execute(CLOSE_TO_READERS)
    finally:
        await connection.close()
