"""Standard output for results, standard error for everything about them."""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO, TypeAlias, TypeVar

from rich.cells import cell_len
from rich.text import Text

from placet_client.printing import tables
from placet_client.printing.form import Form, printed
from placet_client.printing.terminal import console, width_of
from placet_client.printing.words import escaped_json, plain
from placet_client.printing.wrapping import wrapped, wrapped_message
from placet_client.printing.yaml_text import as_yaml

__all__ = ["Column", "note", "show_facts", "show_finding", "show_json", "show_line", "show_names", "show_table", "show_warning"]

RowT = TypeVar("RowT")
LEAST_FOR_A_TEXT = 24
Column: TypeAlias = tuple[str, Callable[[RowT], str]]


def show_json(document: Any) -> None:
    """For programs: one document, without control characters that could steer a terminal; as YAML where the command was told so."""
    print(as_yaml(document) if printed().form is Form.YAML else escaped_json(document))


def show_names(names: Iterable[str]) -> None:
    """Under `--quiet` the result: the ids or names that a further command takes, each on a line. Without it nothing."""
    if printed().names_only and printed().form is Form.TABLE:
        for name in names:
            print(plain(name))


def show_table(
    columns: Sequence[Column[RowT]], rows: Iterable[RowT], nothing: str, *, narrow: Sequence[Column[RowT]] | None = None
) -> None:
    """A row for each; without any, `nothing` goes to standard error.

    On a terminal where that is too wide, by the columns of `narrow`; where these are too wide too, a card for each.
    """
    rows, width = list(rows), width_of(sys.stdout)
    if not rows:
        return note(nothing)
    for chosen in (columns, narrow) if narrow and width else (columns,):
        headings, values = _laid_out(chosen, rows)
        if found := tables.table(headings, values, width):
            return _show(sys.stdout, found)
    _show(sys.stdout, tables.cards(*_laid_out(columns, rows), width))


def show_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Names and values under one another; those without a value are left out."""
    _show(sys.stdout, tables.facts([(name, _cell(value)) for name, value in facts], width_of(sys.stdout)))


def show_line(line: str, style: str = "") -> None:
    """One line of the result."""
    _show(sys.stdout, _message(sys.stdout, line, style))


def show_finding(heading: str, text: str, style: str = "") -> None:
    """A line of the result whose text, where it is wrapped, stands under itself and not under the heading."""
    width = width_of(sys.stdout)
    left = None if width is None else width - cell_len(heading)
    if left is None or left < LEAST_FOR_A_TEXT:
        return show_line(heading + text, style)
    _show(sys.stdout, Text(heading + f"\n{' ' * cell_len(heading)}".join(wrapped(_cell(text), left)), style=style))


def note(line: str) -> None:
    """A note about the result, on standard error."""
    _show(sys.stderr, _message(sys.stderr, line, "dim"))


def show_warning(line: str, style: str = "yellow") -> None:
    """A warning, on standard error, under `--quiet` too."""
    _show(sys.stderr, _message(sys.stderr, line, style), always=True)


def _show(stream: TextIO, text: Text, *, always: bool = False) -> None:
    if always or not printed().names_only:
        console(stream).print(text)


def _message(stream: TextIO, line: str, style: str) -> Text:
    width = width_of(stream)
    return Text(plain(line) if width is None else wrapped_message(_cell(line), width), style=style)


def _laid_out(columns: Sequence[Column[RowT]], rows: Sequence[RowT]) -> tuple[list[str], list[list[str]]]:
    return [heading for heading, _ in columns], [[_cell(value(row)) for _, value in columns] for row in rows]


def _cell(value: str) -> str:
    return plain(value).expandtabs()
