"""Policies, floors, plans and the access policy from files and folders: every YAML document of them.

A folder stands for its `*.yaml` and `*.yml`, also of the folders below it, in the order of their paths, without hidden ones and without
`placet.yaml`. Plans come before policies (`KINDS`), so that no policy asks for evidence which no plan gives yet.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from placet_client import Problem
from placet_client.placet_yaml import FILE_NAME
from placet_client.problems import FieldProblem
from placet_shared.errors import Malformed
from placet_shared.strict_yaml import parse_document

__all__ = ["KINDS", "NamedText", "kind_of", "read_texts"]

KINDS = {"plan": "Plan", "floor": "Floor", "policy": "Policy", "accesspolicy": "AccessPolicy"}
SUFFIXES = (".yaml", ".yml")
STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class NamedText:
    """A document's text, and the file that it is from."""

    name: str
    text: str


def read_texts(places: Sequence[str]) -> list[NamedText]:
    """Of files, folders and - (standard input); raises a usage error for what can't be read and for a folder without documents."""
    return [text for place in places for text in _of(place)]


def kind_of(text: str) -> str:
    """policy, floor, plan or accesspolicy; raises `Problem` in the form of the services, so that all errors look alike."""
    try:
        document = parse_document(text)
    except Malformed as error:
        fields = [FieldProblem(one.field, one.value, one.allowed) for one in error.errors]
        resolve = "Put each document into a file of its own; -f takes their folder." if "one document" in error.detail else error.resolve
        raise _problem(error.detail, resolve, fields) from error
    kind = document.data.get("kind") if isinstance(document.data, dict) else None
    if not isinstance(kind, str) or kind.lower() not in KINDS:
        line = document.line_of(("kind",))
        wrong = FieldProblem(f"line {line}: kind", kind, "Policy, Floor, Plan or AccessPolicy")
        detail, resolve = (
            "The document does not say what it is.",
            "Begin it with `kind: Policy`, `kind: Floor`, `kind: Plan` or `kind: AccessPolicy`.",
        )
        raise _problem(detail, resolve, [wrong])
    return kind.lower()


def _of(place: str) -> Iterator[NamedText]:
    if place == STANDARD_INPUT:
        yield NamedText("standard input", _decoded(place, sys.stdin.buffer.read()))
        return
    path = Path(place)
    files = sorted(_documents_in(path)) if path.is_dir() else [path]
    if not files:
        raise typer.BadParameter(f"the folder {place} has no *.yaml and no *.yml.", param_hint="--file")
    for file in files:
        try:
            yield NamedText(str(file), _decoded(str(file), file.read_bytes()))
        except OSError as error:
            raise typer.BadParameter(f"{file} can't be read: {error.strerror}.", param_hint="--file") from error


def _documents_in(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if file.suffix in SUFFIXES and file.name != FILE_NAME and not hidden and file.is_file():
            yield file


def _decoded(place: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{place} is no UTF-8 text.", param_hint="--file") from error


def _problem(detail: str, resolve: str | None, fields: list[FieldProblem]) -> Problem:
    errors = [{"field": one.field, "value": one.value, "allowed": one.allowed} for one in fields]
    return Problem(422, {"code": "document_invalid", "detail": detail, "resolve": resolve, "errors": errors})
