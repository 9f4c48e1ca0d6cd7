"""Prints a problem as advice: what happened, which fields are wrong, what would help."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from placet_client.printing.next_commands import after_error, resolve_of
from placet_client.printing.page import show_warning
from placet_client.problems import ClientError, FieldProblem, Problem

__all__ = ["show_error", "show_told_facts"]

LONGEST = 1000
LINE = re.compile(r"line (\d+)\b")


def show_error(error: ClientError, document: str | None = None) -> None:
    """To standard error; `document` is the text whose lines a problem names."""
    show_warning(f"placet: {error.detail}{_code(error)}", "bold red")
    if isinstance(error, Problem):
        for line in _fields(error, document):
            show_warning(line, "red")
    if resolve := resolve_of(error):
        show_warning(f"  → {resolve}")
    if more := after_error(error):
        show_warning(f"  {more}")
    if isinstance(error, Problem):
        show_told_facts(error.facts)


def show_told_facts(facts: Mapping[str, Any]) -> None:
    """What a message points to as `facts.name`, each on a line of its own; `--json` has the whole of what is long."""
    for name, value in facts.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if value not in (None, "", [], {}):
            show_warning(f"  {name}: {text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}")


def _code(error: ClientError) -> str:
    return f" [{error.code}]" if isinstance(error, Problem) and error.code else ""


def _fields(problem: Problem, document: str | None) -> Iterator[str]:
    lines = document.splitlines() if document else []
    for one in problem.errors:
        yield f"  {_said(one)}"
        named = LINE.match(one.field)
        if named and 0 < int(named[1]) <= len(lines):
            yield f"  {named[1]:>6} | {lines[int(named[1]) - 1]}"


def _said(one: FieldProblem) -> str:
    came = "" if one.value in (None, "") else f" = {one.value!r}"
    return f"{one.field}{came}: {one.allowed}"
