"""Generations of a projection's tables: `lines` is a view of `lines_g1`, and of `lines_g2` after a rebuild.

Readers and writers name the view alone, which PostgreSQL reads and writes through. While a rebuild is at work its own session
sees views of the same names that lead to the new tables: they are temporary and go with the session, so what a killed rebuild leaves
are tables that the next one drops.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import asyncpg

__all__ = ["Generation"]

# The table behind a view: generations are told apart by the number at the end of their names.
CURRENT = """
    select distinct c.relname from pg_depend d
    join pg_rewrite r on r.oid = d.objid
    join pg_class c on c.oid = d.refobjid
    where r.ev_class = format('%I.%I', $1::text, $2::text)::regclass and d.classid = 'pg_rewrite'::regclass
      and c.relkind = 'r' and c.relname ~ ('^' || $2 || '_g[0-9]+$')
"""
ALL = """
    select relname from pg_class
    where relnamespace = $1::text::regnamespace and relkind = 'r' and relname ~ ('^' || $2::text || '_g[0-9]+$')
"""


@dataclass(frozen=True, slots=True)
class Generation:
    """The next one of some tables, as this session sees it under their names."""

    schema: str
    tables: Sequence[str]
    number: int

    @classmethod
    async def begin(cls, connection: asyncpg.Connection, schema: str, tables: Sequence[str]) -> Self:
        """Make empty tables like those that serve, and lead this session's names to them."""
        await _drop_unused(connection, schema, tables)
        serving = {table: await _serving(connection, schema, table) for table in tables}
        number = 1 + max(int(name.rpartition("_g")[2]) for name in serving.values())
        generation = cls(schema, tables, number)
        for table in tables:
            new = generation.table(table)
            await connection.execute(f'create table "{schema}"."{new}" (like "{schema}"."{serving[table]}" including all)')
            await connection.execute(f'create temporary view "{table}" as select * from "{schema}"."{new}"')
        return generation

    def table(self, name: str) -> str:
        """What this generation of a table is called, for who can't write through a view (COPY can't)."""
        return f"{name}_g{self.number}"

    async def serve(self, connection: asyncpg.Connection) -> None:
        """From the end of the transaction on, this generation is the one that everybody sees."""
        for table in self.tables:
            new = f'"{self.schema}"."{self.table(table)}"'
            await connection.execute(f'create or replace view "{self.schema}"."{table}" as select * from {new}')

    async def drop_others(self, connection: asyncpg.Connection) -> None:
        """What nobody sees any more; raises `asyncpg.LockNotAvailableError` while somebody still reads it."""
        await _drop_unused(connection, self.schema, self.tables)


async def _drop_unused(connection: asyncpg.Connection, schema: str, tables: Sequence[str]) -> None:
    for table in tables:
        serving = await _serving(connection, schema, table)
        for row in await connection.fetch(ALL, schema, table):
            if row["relname"] != serving:
                await connection.execute(f'drop table "{schema}"."{row["relname"]}"')


async def _serving(connection: asyncpg.Connection, schema: str, table: str) -> str:
    name: str | None = await connection.fetchval(CURRENT, schema, table)
    if name is None:
        raise RuntimeError(f"{schema}.{table} has no generations, so it can't be rebuilt beside itself")
    return name
