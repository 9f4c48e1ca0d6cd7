"""Deciding is pure: time and identity are passed in, and nothing is awaited."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from .conftest import folders

CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter"}
CHANCE = {"new_id", "uuid1", "uuid4", "uuid7", "urandom", "random", "randint", "choice", "token_bytes", "token_hex", "token_urlsafe"}


def impurities(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            yield f"line {node.lineno} waits"
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func).rsplit(".", 1)[-1]
            if called in CLOCKS:
                yield f"line {node.lineno} reads a clock"
            elif called in CHANCE:
                yield f"line {node.lineno} takes chances"


def test_domain_of_every_service_is_pure(modules: Mapping[Path, ast.Module]) -> None:
    domain = {path: module for path, module in modules.items() if {"domain", "src"}.issubset(folders(path))}
    assert domain
    assert {path.name: found for path, module in domain.items() if (found := list(impurities(module)))} == {}


@pytest.mark.parametrize("line", ["datetime.now(UTC)", "time.monotonic()", "new_id()", "random.choice(names)", "async def f(): ..."])
def test_impurity_is_noticed(line: str) -> None:
    assert list(impurities(ast.parse(line)))
