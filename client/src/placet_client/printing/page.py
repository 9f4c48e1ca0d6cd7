"""Standard output for results, standard error for everything about them."""

import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias, TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

from placet_client.printing.words import escaped_json, plain

__all__ = ["Column", "note", "show_facts", "show_json", "show_line", "show_table", "show_warning"]

WIDTH_WITHOUT_TERMINAL = 200

RowT = TypeVar("RowT")
Column: TypeAlias = tuple[str, Callable[[RowT], str]]


def show_json(document: Any) -> None:
    """For programs: one document, without control characters that could steer a terminal."""
    print(escaped_json(document))


def show_table(columns: Sequence[Column[RowT]], rows: Iterable[RowT], nothing: str) -> None:
    """A row for each; without any, `nothing` goes to standard error."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, _ in columns:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(_text(value(row)) for _, value in columns))
    if table.row_count:
        _console().print(table)
    else:
        note(nothing)


def show_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Names and values under one another; those without a value are left out."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts:
        if value:
            table.add_row(Text(name), _text(value))
    _console().print(table)


def show_line(line: str, style: str = "") -> None:
    """One line of the result."""
    _console().print(Text(plain(line), style=style), soft_wrap=True)


def note(line: str) -> None:
    """A note about the result, on standard error."""
    _console(stderr=True).print(Text(plain(line), style="dim"), soft_wrap=True)


def show_warning(line: str, style: str = "yellow") -> None:
    """A warning, on standard error."""
    _console(stderr=True).print(Text(plain(line), style=style), soft_wrap=True)


def _text(value: str) -> Text:
    return Text(plain(value))


def _console(*, stderr: bool = False) -> Console:
    """Made when it is used: tests and shells replace the streams."""
    stream = sys.stderr if stderr else sys.stdout
    width = shutil.get_terminal_size((WIDTH_WITHOUT_TERMINAL, 24)).columns
    return Console(file=stream, width=None if stream.isatty() else width, highlight=False, emoji=False, markup=False)
