"""Words and names that must not be in the tree."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from .conftest import folders

# Written so that this file does not contain what it looks for.
INDEX = r"p[y]pi\.org|files\.p[y]thonhosted|--(?:extra-)?index-u[r]l|--find-l[i]nks|PIP_INDEX_U[R]L|UV_INDEX_U[R]L"
MACHINE = r"(?<![\w.~$}])/(?:r[o]ot|w[o]rk|h[o]me/\w+|U[s]ers/\w+)/"
FORBIDDEN = re.compile(f"{INDEX}|{MACHINE}")
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base", "service", "stuff"}
# What makes a running service out of the other rooms of `shared`; a module of that name would say nothing.
COMPOSITION = Path("shared/src/placet_shared/service")
TWO_MODULES = 450


def test_no_file_names_an_index_or_a_path_of_one_machine(files: list[Path]) -> None:
    found = []
    for path in files:
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{path}: {match[0]}" for match in FORBIDDEN.finditer(text)]
    assert found == []


@pytest.mark.parametrize("text", ["https://p" + "ypi.org/simple", "--index-" + "url x", " /ro" + "ot/placet", '"/ho' + 'me/alice/x"'])
def test_forbidden_text_is_noticed(text: str) -> None:
    assert FORBIDDEN.search(text)


def test_no_module_has_a_name_that_says_nothing(modules: Mapping[Path, ast.Module], root: Path) -> None:
    rooms = {path: path.parent.name for path in modules if path.parent != root / COMPOSITION}
    assert [path for path in modules if path.stem in SAYS_NOTHING or rooms.get(path) in SAYS_NOTHING] == []


def test_no_module_is_really_two(modules: Mapping[Path, ast.Module]) -> None:
    assert [path for path in modules if path.read_text().count("\n") > TWO_MODULES] == []


def test_no_test_is_skipped_but_for_want_of_a_program_that_ci_requires(root: Path, modules: Mapping[Path, ast.Module]) -> None:
    tests = {path: module for path, module in modules.items() if "tests" in folders(path) or path.name == "conftest.py"}
    skips = {"skip", "skipif", "xfail", "importorskip"}
    attributes = [(path, node) for path, module in tests.items() for node in ast.walk(module) if isinstance(node, ast.Attribute)]
    found = {path for path, node in attributes if node.attr in skips and ast.unparse(node).startswith("pytest.")}
    assert found
    required = set(re.findall(r"PLACET_REQUIRE_[A-Z_]+(?==1)", (root / ".ci/run").read_text()))
    asked_for = {path: set(re.findall(r"PLACET_REQUIRE_[A-Z_]+", path.read_text())) for path in found}
    assert {path for path, variables in asked_for.items() if not variables or variables - required} == set()
