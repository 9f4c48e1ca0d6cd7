"""The services have the same rooms, so that who knows one knows all."""

import runpy
import tomllib
from pathlib import Path

import pytest

from placet_shared.processes import SOURCES

SERVICES = SOURCES
ROOMS = (
    "settings",
    "domain/",
    "commands/",
    "queries/",
    "projections/",
    "checks/",
    "ports",
    "adapters/",
    "incoming",
    "outgoing",
    "workers/",
    "api/",
    "migrations/",
    "bootstrap",
    "app",
    "process",
)
DOORS = {"__init__.py", "__main__.py", "py.typed"}


def rooms_of(package: Path) -> set[str]:
    """The rooms as the list above writes them; a room listed without a slash may be a module or a folder."""
    found = set()
    for entry in package.iterdir():
        if entry.name in DOORS or entry.name == "__pycache__":
            continue
        name = entry.stem if entry.suffix == ".py" else entry.name
        found.add(f"{name}/" if entry.is_dir() and name not in ROOMS else name)
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_rooms_of_a_service_have_the_allowed_names(root: Path, service: str) -> None:
    package = root / f"services/{service}-service/src/placet_{service}"
    assert rooms_of(package) - set(ROOMS) == set()


def test_rooms_are_those_that_import_linter_knows(root: Path) -> None:
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if "containers" in contract)
    known = {room.strip("() ") for layer in layers for room in layer.split("|")}
    assert known - {"__main__"} == {room.rstrip("/") for room in ROOMS}


def test_rooms_are_listed_for_contributors_in_their_order(root: Path) -> None:
    text = " ".join((root / "CONTRIBUTING.md").read_text().split())
    assert ", ".join(f"`{room}`" for room in ROOMS) in text


def test_picture_of_the_architecture_is_drawn_from_events_and_projections(root: Path) -> None:
    with_picture = runpy.run_path(str(root / "docs/draw_architecture.py"))["with_picture"]
    page = (root / "docs/explanation/architecture.md").read_text()
    assert page == with_picture(page), "`make docs` draws it anew"


def test_picture_of_the_house_is_drawn_from_its_walls(root: Path) -> None:
    with_picture = runpy.run_path(str(root / "docs/draw_house.py"))["with_picture"]
    page = (root / "CONTRIBUTING.md").read_text()
    assert page == with_picture(page), "`make docs` draws it anew"
