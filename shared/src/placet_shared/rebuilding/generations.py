"""Generations of a projection's tables: `lines` is a view of `lines_g1`, and of `lines_g2` after a rebuild.

Readers and writers name the view alone, which PostgreSQL reads and writes through. While a rebuild is running its own session
sees views of the same names that lead to the new tables: they are temporary and go with the session, so what a killed rebuild leaves
are tables that the next one drops.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
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
HAS_INDEXES = "select exists (select from pg_index where indrelid = $1::text::regclass)"
INDEXES = """
    select pg_get_indexdef(i.indexrelid) as index, pg_get_constraintdef(c.oid) as key
    from pg_index i left join pg_constraint c on c.conindid = i.indexrelid and c.conrelid = i.indrelid and c.contype in ('p', 'u', 'x')
    where i.indrelid = $1::text::regclass
    order by c.contype nulls last, i.indexrelid
"""
NAMED = re.compile(r"^(create (?:unique )?index) \S+ on \S+ ", re.IGNORECASE)
ALL = """
    select relname from pg_class
    where relnamespace = $1::text::regnamespace and relkind = 'r' and relname ~ ('^' || $2::text || '_g[0-9]+$')
"""


@dataclass(frozen=True, slots=True)
class Generation:
    """The next one of some tables, as this session sees it under their names."""

    schema: str
    serving: Mapping[str, str]
    number: int

    @property
    def tables(self) -> Iterable[str]:
        """The tables' names, as all sessions use them."""
        return self.serving

    @classmethod
    async def begin(cls, connection: asyncpg.Connection, schema: str, tables: Sequence[str]) -> Self:
        """Make empty tables like those that serve, without their indexes, and lead this session's names to them."""
        await _drop_unused(connection, schema, tables)
        serving = {table: await _serving(connection, schema, table) for table in tables}
        number = 1 + max(int(name.rpartition("_g")[2]) for name in serving.values())
        generation = cls(schema, serving, number)
        for table in tables:
            new = generation.table(table)
            await connection.execute(
                f'create table "{schema}"."{new}" (like "{schema}"."{serving[table]}" including all excluding indexes)'
            )
            await connection.execute(f'create temporary view "{table}" as select * from "{schema}"."{new}"')
        return generation

    def table(self, name: str) -> str:
        """The name of a table in this generation, for statements that can't write through a view (COPY can't)."""
        return f"{name}_g{self.number}"

    async def add_indexes(self, connection: asyncpg.Connection) -> None:
        """Those of the tables that serve, with their keys, where there are none yet: faster after many rows were copied than before."""
        for table, serving in self.serving.items():
            new = f'"{self.schema}"."{self.table(table)}"'
            if await connection.fetchval(HAS_INDEXES, new):
                continue
            for row in await connection.fetch(INDEXES, f'"{self.schema}"."{serving}"'):
                await connection.execute(f"alter table {new} add {row['key']}" if row["key"] else _index_on(new, row["index"]))

    async def serve(self, connection: asyncpg.Connection) -> None:
        """From the end of the transaction on, this generation serves all sessions."""
        for table in self.tables:
            new = f'"{self.schema}"."{self.table(table)}"'
            await connection.execute(f'create or replace view "{self.schema}"."{table}" as select * from {new}')

    async def drop_others(self, connection: asyncpg.Connection) -> None:
        """Drop the generations that no longer serve; raises `LOCK_NOT_AVAILABLE` while a session still reads one."""
        await _drop_unused(connection, self.schema, self.tables)


def _index_on(table: str, definition: str) -> str:
    """The same index on another table, under a name that PostgreSQL chooses."""
    return NAMED.sub(lambda found: f"{found[1]} on {table} ", definition, count=1)


async def _drop_unused(connection: asyncpg.Connection, schema: str, tables: Iterable[str]) -> None:
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
