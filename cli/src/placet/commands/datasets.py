"""`placet datasets`: numbered versions of data, by name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import typer

from placet.commands.listing import Limit, noun
from placet.printing.people import Names
from placet_client import DataSetFile
from placet_client.answers.datasets import DataColumn, DataSetVersion
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_facts, show_json, show_line, show_names, show_table
from placet_client.printing.times import ago, dated
from placet_client.printing.words import plain, short

__all__ = ["datasets"]

datasets = noun("Data sets: list them, show the versions of one, or add a file as the next version.")


Role = Literal["train", "validation", "test", "reference"]
Format = Literal["csv", "parquet"]

COLUMNS: tuple[Column[DataSetVersion], ...] = (
    ("data set", lambda version: plain(version.name)),
    ("number", lambda version: plain(version.number)),
    ("role", lambda version: plain(version.role)),
    ("rows", lambda version: plain(version.rows)),
    ("columns", lambda version: plain(None if version.columns is None else len(version.columns))),
    ("period", lambda version: _period(version)),
    ("sha256", lambda version: short(version.sha256)),
    ("registered", lambda version: ago(version.registered_at)),
)
IN_SHORT: tuple[Column[DataSetVersion], ...] = (
    ("data set", lambda version: f"{plain(version.name)} {version.number}"),
    *COLUMNS[2:4],
    *COLUMNS[6:],
)
COLUMNS_OF_DATA: tuple[Column[DataColumn], ...] = (
    ("column", lambda column: plain(column.name)),
    ("type", lambda column: plain(column.type)),
)


@datasets.command("list")
def list_datasets(
    name: Annotated[str | None, typer.Option(help="A part of the name.")] = None,
    role: Annotated[Role | None, typer.Option(help="Only those whose newest version has this role.")] = None,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """The newest version of each, by name."""
    with installation(who) as placet:
        page = placet.registry.datasets(limit, name=name, role=role)
    if as_json:
        return show_json(page.raw)
    show_names(version.name for version in page.items)
    show_table(COLUMNS, page.items, "No data set is registered that fits.", narrow=IN_SHORT)
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


@datasets.command("show")
def show_dataset(name: Annotated[str, typer.Argument(metavar="NAME")], limit: Limit = 50, who: As = None, as_json: AsJson = False) -> None:
    """The newest version with its columns, and all versions, the newest first."""
    with installation(who) as placet:
        page = placet.registry.dataset_versions(name, limit)
        if as_json:
            return show_json(page.raw)
        newest = page.items[0]
        show_names(version.sha256 for version in page.items)
        show_facts(_facts(newest, Names(placet)))
    if newest.columns:
        show_line("")
        show_table(COLUMNS_OF_DATA, newest.columns, "")
    show_line("")
    show_table(COLUMNS[1:], page.items, "")
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


@datasets.command("add")
def add_dataset(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True, help="CSV or Parquet.")],
    name: Annotated[str, typer.Option(help="a-z 0-9 _ . -, a letter first; a name that exists gets its next version.")],
    role: Annotated[Role, typer.Option(help="What the data are for.")],
    format: Annotated[Format | None, typer.Option(help="Needed only where the file's name does not end in .csv or .parquet.")] = None,
    period_from: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="The first day that the data are about.")] = None,
    period_to: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="The last day.")] = None,
    owner: Annotated[str | None, typer.Option(help="A person, by name or id; without it you. A service account must name one.")] = None,
    delimiter: Annotated[str, typer.Option(help="Between the cells of a CSV file.")] = ",",
    with_columns: Annotated[bool, typer.Option("--columns/--no-columns", help="Register the columns that a CSV file names.")] = True,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Upload a file and register it as a version of a data set. For developers and admins.

    The rows of a CSV file are counted, and its columns are read. Doing it again changes nothing: the same data are the same version.
    The owner of a name's first version, and admins, add further ones.
    """
    if (period_from is None) != (period_to is None):
        raise typer.BadParameter("give both days of the period, or none.", param_hint="--period-from / --period-to")
    if len(delimiter) != 1:
        raise typer.BadParameter("one character.", param_hint="--delimiter")
    period = (period_from, period_to) if period_from and period_to else None
    wanted = DataSetFile(name, file, role, format or _format_of(file), period, owner, delimiter, with_columns)
    with installation(who) as placet:
        registered = placet.registry.add_dataset(wanted)
    if as_json:
        return show_json(registered.raw)
    show_names([registered.sha256])
    show_line(f"{registered.name} {registered.number}: {registered.sha256}")


def _format_of(file: Path) -> Format:
    match file.suffix.lower():
        case ".csv":
            return "csv"
        case ".parquet":
            return "parquet"
    raise typer.BadParameter(f"{file.name} ends neither in .csv nor in .parquet: name the format.", param_hint="--format")


def _facts(version: DataSetVersion, names: Names) -> Iterator[tuple[str, str]]:
    yield "data set", f"{plain(version.name)} {version.number}"
    yield "id", plain(version.dataset_id)
    yield "sha256", plain(version.sha256)
    yield "format", f"{plain(version.format)}, {version.size} bytes"
    yield "rows", plain(version.rows)
    yield "role", plain(version.role)
    yield "period", _period(version)
    yield "owner", names.of(version.owner)
    yield "registered", f"{dated(version.registered_at)} by {names.of(version.registered_by)}"


def _period(version: DataSetVersion) -> str:
    return f"{plain(version.period.first)} to {plain(version.period.last)}" if version.period else ""
