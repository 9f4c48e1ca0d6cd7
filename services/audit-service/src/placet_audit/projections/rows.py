"""Rows of a view's table in memory: all during a rebuild, those that a batch touches in daily work."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar, get_args, get_type_hints

import asyncpg
import msgspec

__all__ = ["Key", "Row", "Rows", "Table"]

Row = TypeVar("Row", bound=msgspec.Struct)
Key = Any
"""The value of one column, or a tuple of the values of several."""

SQL_TYPES = {str: "text", int: "bigint", bool: "boolean", datetime: "timestamptz"}


class Table(Generic[Row]):
    """A table whose columns are the fields of `row`.

    Entries name rows by their `key`. A row with a `to_index` is open until that is set; entries name open rows by their `place` too.
    """

    def __init__(self, name: str, row: type[Row], key: Sequence[str], place: Sequence[str] = ()) -> None:
        self.name = name
        self.key = tuple(key)
        self.place = tuple(place)
        self._row = row
        self._types = {column: _sql_type(hint) for column, hint in get_type_hints(row).items()}
        self._select_keys = self._select(self.key)
        self._select_open = f"{self._select(self.place)} where t.to_index is null" if place else ""
        self._upsert = self._write_all()

    async def load(self, connection: asyncpg.Connection, keys: set[Key], places: set[Key]) -> "Rows[Row]":
        """The rows with these keys, and the open ones at these places."""
        rows = Rows(self)
        if keys:
            rows.know(await self._fetch(connection, self._select_keys, self.key, keys))
        if places:
            rows.know(await self._fetch(connection, self._select_open, self.place, places))
        return rows

    async def write(self, connection: asyncpg.Connection, rows: Iterable[Row]) -> None:
        """Insert new rows, and replace those with the same keys."""
        if tuples := [msgspec.structs.astuple(row) for row in rows]:
            await connection.execute(self._upsert, *zip(*tuples, strict=True))

    async def _fetch(self, connection: asyncpg.Connection, sql: str, columns: Sequence[str], named: set[Key]) -> list[Row]:
        arrays = [list(named)] if len(columns) == 1 else zip(*named, strict=True)
        return [self._row(*values) for values in await connection.fetch(sql, *arrays)]

    def _select(self, names: Sequence[str]) -> str:
        """One query for all rows that a batch of entries names."""
        columns = ", ".join(f"t.{column}" for column in self._types)
        return f"select {columns} from {self._arrays(names)} join {self.name} t using ({', '.join(names)})"

    def _write_all(self) -> str:
        """One statement for all rows that a batch of entries changes."""
        changed = ", ".join(f"{column} = excluded.{column}" for column in self._types if column not in self.key)
        return (
            f"insert into {self.name} ({', '.join(self._types)}) select * from {self._arrays(self._types)} "
            f"on conflict ({', '.join(self.key)}) do update set {changed}"
        )

    def _arrays(self, columns: Iterable[str]) -> str:
        names = list(columns)
        arrays = ", ".join(f"${number}::{self._types[column]}[]" for number, column in enumerate(names, 1))
        return f"unnest({arrays}) e({', '.join(names)})"


class Rows(Generic[Row]):
    """The rows that a view's steps read and put. Rows are immutable and are replaced."""

    def __init__(self, table: Table[Row]) -> None:
        self._key = attrgetter(*table.key)
        self._place = attrgetter(*table.place) if table.place else None
        self._rows: dict[Key, Row] = {}
        self._open: dict[Key, dict[Key, Row]] = {}
        self._put: dict[Key, Row] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._rows

    def find(self, key: Key) -> Row | None:
        """The row with this key."""
        return self._rows.get(key)

    def open_at(self, place: Key) -> Sequence[Row]:
        """The open rows there."""
        return list(self._open.get(place, {}).values())

    def put(self, row: Row) -> None:
        """Insert a row, or replace the one with the same key."""
        self._put[self._keep(row)] = row

    def know(self, rows: Iterable[Row]) -> None:
        """As they are in the database."""
        for row in rows:
            self._keep(row)

    def written(self) -> Iterator[Row]:
        """All that were put."""
        return iter(self._put.values())

    def _keep(self, row: Row) -> Key:
        key = self._key(row)
        self._rows[key] = row
        if self._place:
            there = self._open.setdefault(self._place(row), {})
            if row.to_index is None:  # type: ignore[attr-defined]
                there[key] = row
            else:
                there.pop(key, None)
        return key


def _sql_type(hint: Any) -> str:
    """Of a column, which may be null."""
    return SQL_TYPES[next((type_ for type_ in get_args(hint) if type_ in SQL_TYPES), hint)]
