"""`placet init`: writes `placet.yaml`, from which later commands take what is not said on the command line."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from placet_client.one_line_yaml import Value, written
from placet_client.placet_yaml import FILE_NAME, PlacetYaml, read_placet_yaml, repository_root
from placet_client.printing.page import note, show_line
from placet_client.problems import Missing

__all__ = ["init"]

HEADING = """\
# What `placet` commands in this repository are about when the command line does not say it. It belongs into the repository.
# Each entry stands in one line: `name: text`, `name: [a, b]` or `name: {a: b}`. No addresses and no tokens: see `placet login`.

"""
ARTIFACTS = "*.onnx"


def init(
    model: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="Its name; by default that of the folder.", show_default=False)
    ] = None,
    environment: Annotated[str, typer.Option("--environment", "-e", help="The environment that versions go to next.")] = "test",
    artifact: Annotated[
        str | None, typer.Option(metavar="FILE", help="The artifact; by default the only *.onnx file of the folder.", show_default=False)
    ] = None,
    format: Annotated[str | None, typer.Option(help="Its format, if it is not onnx.", show_default=False)] = None,
    plan: Annotated[str | None, typer.Option(metavar="PLAN", help="Verify by this plan only.", show_default=False)] = None,
    trained_by: Annotated[list[str] | None, typer.Option(help="Who trains it, by name or id. Repeatable.")] = None,
    prepared_by: Annotated[list[str] | None, typer.Option(help="Who prepares the data. Repeatable.")] = None,
    data: Annotated[
        list[str] | None, typer.Option(metavar="ROLE=PATH", help="train, validation, test or reference data. Repeatable.")
    ] = None,
) -> None:
    """Write placet.yaml into the repository, so that register, verify, signoff request, gate, wait and deploy need no arguments.

    It is found from any folder of the repository. An argument of the command line always wins, and one line says what was taken.
    """
    folder = repository_root(Path.cwd())
    file = folder / FILE_NAME
    if file.exists():
        raise Missing(f"There is a {file} already.", "Edit it, or remove it first.")
    entries: dict[str, Value | None] = {
        "model": model or folder.name,
        "environment": environment,
        "plan": plan,
        "artifact": _below(folder, artifact) if artifact else _only_artifact(folder),
        "format": format,
        "trained_by": trained_by,
        "prepared_by": prepared_by,
        "data": _data(folder, data or ()),
    }
    said = _write(file, HEADING + "".join(f"{name}: {written(value)}\n" for name, value in entries.items() if value))
    show_line(f"Wrote {file}: {', '.join(_facts(said))}")
    note(f"Next: {'placet register' if said.artifact else 'placet register FILE'}, then placet verify and placet signoff request -r REASON")


def _only_artifact(folder: Path) -> str | None:
    found = sorted(folder.glob(ARTIFACTS))
    return found[0].name if len(found) == 1 else None


def _below(folder: Path, given: str) -> str:
    """The path of a file as the repository's root sees it; anything else as it was given."""
    file = Path.cwd() / given
    return file.relative_to(folder).as_posix() if file.is_file() and file.is_relative_to(folder) else given


def _data(folder: Path, given: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    for role, _, place in pairs:
        if not role or not place:
            raise typer.BadParameter(f"{role!r} has to be ROLE=PATH.", param_hint="--data")
    return {role: _below(folder, place) for role, _, place in pairs}


def _write(file: Path, text: str) -> PlacetYaml:
    """Whole and right, or not at all: what is in the file is what commands read."""
    unfinished = file.with_name(f".{FILE_NAME}.new")
    unfinished.unlink(missing_ok=True)
    with unfinished.open("x", encoding="utf-8") as opened:  # never through a link that came with the repository
        opened.write(text)
    try:
        read_placet_yaml(unfinished, file.parent)
        unfinished.rename(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return read_placet_yaml(file, file.parent)


def _facts(said: PlacetYaml) -> Iterator[str]:
    for name in ("model", "environment", "plan", "artifact"):
        if value := getattr(said, name):
            yield f"{name} {value}"
