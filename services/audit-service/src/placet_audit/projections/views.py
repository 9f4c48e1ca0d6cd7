"""Views whose rows later entries change: one pure step for each type of entry, in daily work and in a rebuild alike."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Annotated, Any, Generic, Protocol, TypeVar

import asyncpg
import msgspec

from placet_audit.projections.entry import Entry
from placet_audit.projections.rows import Key, Row, Rows, Table

__all__ = ["Step", "TableView", "Text", "View"]

logger = logging.getLogger(__name__)

Fields = TypeVar("Fields", bound=msgspec.Struct)

Text = Annotated[str, msgspec.Meta(pattern=r"\A[^\0]*\Z")]
"""Without U+0000, which PostgreSQL's texts can't hold."""


class View(Protocol):
    """One table that is built from the log's entries in order."""

    name: str

    async def project(self, connection: asyncpg.Connection, entries: Sequence[Entry]) -> None:
        """Apply these entries, which follow those that the table includes."""


class Step(Generic[Row, Fields]):
    """The effect of one type of entry on rows; `fields` are those that are read of the event's own, all others are ignored.

    Where the columns of the table's key or place are among these fields, the rows that they name are there when the step is taken.
    """

    def __init__(self, fields: type[Fields], take: Callable[[Rows[Row], Entry, Fields], None]) -> None:
        self.take = take
        self.decode = msgspec.json.Decoder(fields).decode
        self._fields = set(fields.__struct_fields__)

    def naming(self, columns: Sequence[str]) -> Callable[[Fields], Key] | None:
        """Reads these columns from the fields, if they have all of them."""
        return attrgetter(*columns) if columns and self._fields.issuperset(columns) else None


class TableView(Generic[Row]):
    """A `View` of entries of some types."""

    def __init__(self, table: Table[Row], steps: Mapping[str, Step[Row, Any]]) -> None:
        self.table = table
        self.name = table.name
        self.types = frozenset(steps)
        self._steps = steps
        self._key_of = {type_: named for type_, step in steps.items() if (named := step.naming(table.key))}
        self._place_of = {type_: named for type_, step in steps.items() if (named := step.naming(table.place))}

    def fold(self, rows: Rows[Row], entries: Iterable[Entry]) -> None:
        """Apply the step of each entry, with all rows of the view in memory."""
        for entry, fields in self._understood(entries):
            self._steps[entry.type].take(rows, entry, fields)

    async def project(self, connection: asyncpg.Connection, entries: Sequence[Entry]) -> None:
        """Apply the step of each entry to the rows that these entries name, and write the changed rows."""
        if not (understood := list(self._understood(entries))):
            return
        keys = {self._key_of[entry.type](fields) for entry, fields in understood if entry.type in self._key_of}
        places = {self._place_of[entry.type](fields) for entry, fields in understood if entry.type in self._place_of}
        rows = await self.table.load(connection, keys, places)
        for entry, fields in understood:
            self._steps[entry.type].take(rows, entry, fields)
        await self.table.write(connection, rows.written())

    def _understood(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, Any]]:
        """The view skips an entry that lacks a required field: the entry itself stands in the log."""
        for entry in entries:
            if step := self._steps.get(entry.type):
                try:
                    fields = step.decode(entry.data)
                except (ValueError, RecursionError) as error:
                    logger.error("entry %s (%s) is not understood by %s: %s", entry.index, entry.type, self.name, error)
                else:
                    yield entry, fields
