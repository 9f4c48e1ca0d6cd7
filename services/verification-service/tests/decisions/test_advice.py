"""Every reason that a check gives is put into words that say what to look at."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from placet_verification.api.reports.advice import advice_for
from placet_verification.checks import check_kinds, kinds

FILES = sorted(path for folder in kinds.__path__ for path in Path(folder).glob("[!_]*.py"))
STATUSES = {"FAIL", "WARN", "INSUFFICIENT_DATA", "NOT_APPLICABLE"}


def constants(node: ast.AST | None) -> Iterator[str]:
    """The texts that an expression can have as its value."""
    match node:
        case ast.Constant(str(text)):
            yield text
        case ast.IfExp():
            yield from constants(node.body)
            yield from constants(node.orelse)


def reasons(module: ast.Module) -> Iterator[str]:
    """Those of records, and those of pairs of a status and a reason."""
    for node in ast.walk(module):
        if isinstance(node, ast.keyword) and node.arg == "reason_code":
            yield from constants(node.value)
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and STATUSES & set(constants(node.elts[0])):
            yield from constants(node.elts[1])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_reason_of_a_kind_has_its_advice(path: Path) -> None:
    assert {code for code in reasons(ast.parse(path.read_text())) if advice_for(code) is None} == set()


def test_the_reasons_of_most_kinds_are_found_in_their_files() -> None:
    found = {path.stem for path in FILES if set(reasons(ast.parse(path.read_text())))}
    assert len(found) > len(check_kinds()) / 2
