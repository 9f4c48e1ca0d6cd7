"""The database `placet`: for each source a schema, an owner that can't log in, and a login role that owns nothing."""

from collections.abc import Mapping

import asyncpg

__all__ = ["DATABASE", "SOURCES", "create_database", "login_role"]

DATABASE = "placet"
SOURCES = ("registry", "approval", "verification", "audit")

CREATE_DATABASE = f"CREATE DATABASE {DATABASE} TEMPLATE template0"
DATABASE_EXISTS = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"

# Nobody gets anything for merely existing.
CLOSE_TO_PUBLIC = f"""
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;
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
SET_PARAMETER = "SELECT set_config($1, $2, true)"


def login_role(source: str) -> str:
    return f"placet_{source}"


async def create_database(superuser_url: str, placet_url: str, passwords: Mapping[str, str]) -> None:
    """Make what is missing; `passwords` has one for each source. Running it again changes nothing."""
    connection = await asyncpg.connect(superuser_url)
    try:
        if not await connection.fetchval(DATABASE_EXISTS, DATABASE):
            await connection.execute(CREATE_DATABASE)
    finally:
        await connection.close()
    connection = await asyncpg.connect(placet_url)
    try:
        async with connection.transaction():
            await connection.execute(CLOSE_TO_PUBLIC)
            for source, password in passwords.items():
                await connection.execute(SET_PARAMETER, "placet.source", source)
                await connection.execute(SET_PARAMETER, "placet.password", password)
                await connection.execute(CREATE_ROLES)
    finally:
        await connection.close()
