"""Every code that the code base can give is explained, and nothing is explained that it can't give."""

import ast
import fnmatch
import re
import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from placet_approval.domain.gate_reasons import SourceObstacle
from placet_client.codes import known_codes
from placet_client.exit_codes import ExitCode
from placet_shared.bus.barrier import Obstacle
from placet_shared.web.error_responses import _WORDS

from .command_words import find_command, parse, placet
from .conftest import folders

Found = Mapping[Path, ast.Module]

STATUSES = {"FAIL", "WARN", "INSUFFICIENT_DATA", "NOT_APPLICABLE", "ERROR"}
# What each of these is called with first is a code of the group.
FIRST = {
    "gate": {"Reason"},
    "policy": {"Obstacle"},
    "run": {"Refused", "Refusal", "_Gone", "failure", "_again"},
    "check": {"_undefined"},
}


def texts(node: ast.AST | None) -> Iterator[str]:
    """What an expression can be; a part that is put in is a `*`."""
    match node:
        case ast.Constant(str(text)):
            yield text
        case ast.IfExp():
            yield from texts(node.body)
            yield from texts(node.orelse)
        case ast.BoolOp():
            yield from (text for value in node.values for text in texts(value))
        case ast.JoinedStr():
            yield "".join(part.value if isinstance(part, ast.Constant) else "*" for part in node.values)  # type: ignore[misc]


def called(node: ast.Call) -> str:
    return ast.unparse(node.func).rpartition(".")[2]


def problems(tree: ast.Module) -> Iterator[str]:
    """`code=` of an error, the code of its class, and what an aggregate is called that is not found."""
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="code"):
                yield from texts(node.value)
            case ast.ClassDef():
                codes = [one for one in node.body if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "code"]
                yield from (text for one in codes for text in texts(one.value))
            case ast.Call(func=ast.Attribute(attr="get")):
                yield from (f"{name.replace(' ', '_').replace('-', '_')}_not_found" for name in named(node, "what"))
            case ast.Call(func=ast.Name(id="found")):
                yield from (f"{name}_not_found" for name in texts(node.args[1]))


def named(node: ast.Call, argument: str) -> Iterator[str]:
    return (text for one in node.keywords if one.arg == argument for text in texts(one.value))


def findings(tree: ast.Module) -> Iterator[str]:
    """Reasons of records, of pairs of a status and a reason, and those that a measuring function gives."""
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="reason_code"):
                yield from texts(node.value)
            case ast.Tuple(elts=[status, reason]) if STATUSES & set(texts(status)):
                yield from texts(reason)
            case ast.Dict():
                yield from (
                    text for key, value in zip(node.keys, node.values, strict=True) if "reason_code" in texts(key) for text in texts(value)
                )


def of_key(node: ast.Dict, name: str) -> Iterator[str]:
    return (text for key, value in zip(node.keys, node.values, strict=True) if name in texts(key) for text in texts(value))


def given(modules: Found) -> Iterator[tuple[str, str]]:
    """Each code with its group."""
    for path, tree in modules.items():
        place = folders(path)
        if "src" not in place or place[0] not in ("services", "shared"):
            continue
        yield from (("problem", code) for code in problems(tree))
        if "placet_verification" in place and {"kinds", "measures", "judging.py"} & set(place):
            yield from (("check", code) for code in findings(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                of = [group for group, names in FIRST.items() if called(node) in names]
                yield from (
                    (group, code)
                    for group in of
                    for argument in node.args[:2]
                    for code in texts(argument)
                    if re.fullmatch(r"[a-z0-9_*]+", code)
                )
    yield from (("gate", code) for code in get_args(SourceObstacle))
    yield from (("problem", code) for code in get_args(Obstacle))
    yield from (("problem", code) for code, _, _ in _WORDS.values())
    yield from (("exit", str(code.value)) for code in ExitCode)


@pytest.fixture(scope="module")
def writer(root: Path) -> Mapping[str, Any]:
    return runpy.run_path(str(root / "docs/write_codes.py"))


def test_page_and_the_command_s_copy_are_what_the_catalogues_say(root: Path, writer: Mapping[str, Any]) -> None:
    assert (root / "docs/codes.md").read_text() == writer["page"](), "`make docs` writes it anew"
    assert (root / "client/src/placet_client/codes.json").read_text() == writer["document"](), "`make docs` writes it anew"


@pytest.fixture(scope="module")
def codes(modules: Found) -> frozenset[tuple[str, str]]:
    return frozenset(given(modules))


def test_every_code_that_is_given_is_explained(codes: frozenset[tuple[str, str]]) -> None:
    """A request may be refused for a reason of the gate, and by a source that is behind."""
    explained = {f"{known.group}.{known.code}" for known in known_codes()}
    explained |= {f"problem.{known.code}" for known in known_codes() if known.group == "gate"}
    names = {f"{group}.{code}" for group, code in codes}
    assert len(names) > 200
    assert {name for name in names if not fnmatch.filter(explained, name)} == set()


def test_no_code_is_explained_that_is_not_in_the_code(modules: Found, codes: frozenset[tuple[str, str]]) -> None:
    sources = [
        tree
        for path, tree in modules.items()
        if "src" in folders(path) and not {"codes", "codes.py", "problem_codes.py"} & {*folders(path)}
    ]
    written = {text for tree in sources for node in ast.walk(tree) for text in texts(node)}
    found = {code for _, code in codes} | {text for text in written if re.fullmatch("[a-z0-9_]+", text)}
    patterns = [code for code in found if "*" in code]
    explained = {known.code for known in known_codes()}
    assert {code for code in explained - found if not any(fnmatch.fnmatchcase(code, pattern) for pattern in patterns)} == set()


def test_pages_that_explain_more_exist(root: Path) -> None:
    assert {known.page for known in known_codes() if not (root / known.page).is_file()} == set()


def test_commands_that_help_can_be_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Those with something to put in are parsed; of those without it is seen that there is such a command."""
    monkeypatch.chdir(tmp_path)
    Path("FILE").touch()
    Path("policy.yaml").touch()
    Path("plan.yaml").touch()
    command = placet()
    named = {words for known in known_codes() for words in re.findall(r"`placet ([^`]+)`", known.resolve)}
    assert len(named) > 40
    for words in sorted(named):
        if re.search("[A-Z-]", words):
            parse(command, words.replace("MODEL/NUMBER", "MODEL/1").split())
        else:
            assert find_command(command, words.split())[1] == [], words
