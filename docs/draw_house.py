"""Draws the house into CONTRIBUTING.md, from the layers that import-linter checks and the rooms' docstrings; `make docs` runs it."""

import ast
import textwrap
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "CONTRIBUTING.md"
BEGIN, END = "<!-- drawn by `make docs` -->\n", "<!-- until here -->\n"
WIDTH = 112
NAME = 12
SHARED = ROOT / "shared/src/placet_shared"
# A service has a subset of these.
ROOMS = {
    "bootstrap": "builds the real parts; the only place where they are exchanged",
    "app": "the ASGI application",
    "process": "what a process of the service can be told to do",
    "api": "HTTP: bodies become commands, results and views become answers",
    "incoming": "what other services' events do here",
    "workers": "loops beside the requests",
    "adapters": "ports made real: files, other services",
    "commands": "use cases, one file each; they know no HTTP",
    "queries": "reads: SQL in, frozen views out",
    "projections": "events become rows, in the transaction that appends them",
    "outgoing": "which events are published",
    "checks": "kinds of checks: how a plan writes them, and who judges what was measured",
    "ports": "what the service needs of the world, as protocols",
    "domain": "pure decisions: no clock, no await, no driver",
    "settings": "environment variables",
    "migrations": "the schema, numbered, forward only",
}


def layers(container: str) -> list[list[str]]:
    """The rooms inside a package, from the top; those of one layer may not import one another."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    contract: Mapping[str, Any] = next(one for one in contracts if container in one.get("containers", ()))
    return [[room.strip("() ") for room in layer.split("|")] for layer in contract["layers"]]


def purpose(module: Path) -> str:
    """The first sentence of a folder's docstring, up to its colon."""
    text = ast.get_docstring(ast.parse((module / "__init__.py").read_text())) or ""
    return text.split("\n")[0].split(": ")[0].rstrip(".")


def room(name: str, text: str) -> Iterator[str]:
    """One room, in as many lines as its text needs."""
    for place, line in enumerate(textwrap.wrap(text, WIDTH - 5 - NAME)):
        yield f"{name if place == 0 else '':<{NAME}} {line}"


def box(title: str, blocks: Iterable[list[str]]) -> Iterator[str]:
    """A frame around blocks of lines, with a wall between one block and the next."""
    yield f"┌─ {title} {'─' * (WIDTH - len(title) - 5)}┐"
    for place, lines in enumerate(blocks):
        if place:
            yield f"├{'╌' * (WIDTH - 2)}┤"
        yield from (f"│ {line:<{WIDTH - 4}} │" for line in lines)
    yield f"└{'─' * (WIDTH - 2)}┘"


def _service() -> Iterator[list[str]]:
    for layer in layers("placet_approval"):
        if rooms := [name for name in layer if name in ROOMS]:
            yield [line for name in rooms for line in room(name, ROOMS[name])]


def _shared() -> Iterator[list[str]]:
    modules: list[str] = []
    for layer in layers("placet_shared"):
        folders = [name for name in layer if (SHARED / name).is_dir()]
        modules += [name for name in layer if name not in folders]
        if folders:
            yield [line for name in folders for line in room(name, purpose(SHARED / name))]
    yield [*room("", ", ".join(modules))]


def picture() -> str:
    """The whole of it."""
    services = " · ".join(f"{name}-service" for name in ("registry", "verification", "approval", "audit"))
    return "```\n" + "\n".join([*box(services, _service()), *box("shared", _shared())]) + "\n```\n"


def with_picture(page: str) -> str:
    """The page with today's picture between its two marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{picture()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_picture(PAGE.read_text()))
