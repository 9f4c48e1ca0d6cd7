"""What the rules of the house look at: the files of this repository."""

import ast
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from frugality import without_collections

ROOT = Path(__file__).resolve().parents[2]


def folders(path: Path) -> tuple[str, ...]:
    """Where in this repository a file is, name by name, wherever the checkout lies."""
    return path.relative_to(ROOT).parts


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def files() -> list[Path]:
    """All that is tracked, and all that would be with `git add .`: new work is held to the rules too."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    assert ROOT / "README.md" in found
    return found


@pytest.fixture(scope="session")
def modules(files: list[Path]) -> Mapping[Path, ast.Module]:
    """Every Python file, parsed."""
    with without_collections():
        return {path: ast.parse(path.read_text(), str(path)) for path in files if path.suffix == ".py"}


@pytest.fixture(scope="session")
def distributions() -> Mapping[Path, Mapping[str, Any]]:
    """Folder → the `[project]` table of each of our seven distributions."""
    paths = [ROOT / "shared", ROOT / "client", ROOT / "cli", *sorted((ROOT / "services").iterdir())]
    return {path: tomllib.loads((path / "pyproject.toml").read_text())["project"] for path in paths}
