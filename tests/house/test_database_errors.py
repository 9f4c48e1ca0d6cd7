"""What an error of the database means is decided in one place: names of the driver's errors stand nowhere else in our sources."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import asyncpg
import pytest

from .conftest import folders

HOME = "shared/src/placet_shared/postgres/errors.py"
# Connecting as a superuser while a server starts, where no service's rules hold.
OF_THE_SERVER = {"cli/src/placet/embedded/cluster.py"}


def driver_errors(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "asyncpg":
            found = getattr(asyncpg, node.attr, None)
            if isinstance(found, type) and issubclass(found, BaseException):
                yield f"line {node.lineno}: asyncpg.{node.attr}"


def test_driver_errors_are_named_in_one_place(modules: Mapping[Path, ast.Module], root: Path) -> None:
    elsewhere = {
        str(name): found
        for path, module in modules.items()
        if "src" in folders(path)
        and (name := path.relative_to(root).as_posix()) not in {HOME, *OF_THE_SERVER}
        and (found := list(driver_errors(module)))
    }
    assert elsewhere == {}


@pytest.mark.parametrize("line", ["except_(asyncpg.UniqueViolationError)", "x = (OSError, asyncpg.InterfaceError)"])
def test_driver_error_is_noticed(line: str) -> None:
    assert list(driver_errors(ast.parse(line)))


def test_other_names_of_the_driver_are_none_of_its_business() -> None:
    assert not list(driver_errors(ast.parse("pool: asyncpg.Pool")))
