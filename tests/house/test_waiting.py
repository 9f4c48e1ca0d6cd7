"""A test waits for a condition and with a deadline: what never comes fails by its name, and no sleep stands for a condition."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from .conftest import folders

# What a loop that looks again and again must have around it, or in it.
DEADLINES = re.compile(r"\b(timeout|timeout_at|wait_for|monotonic|perf_counter|deadline)\b")
# What works until it is told to end; it waits for nothing.
GO_ON = {"follow", "load_until", "repeat", "repeating", "tail", "write", "written_to"}
# What sets a pace, or stands for something slow, and lets nothing be taken for granted afterwards.
PACES = {
    "backend": "a statement that takes as long as the caller says: no time, or longer than it may",
    "first_is_silent": "a client that brings nothing and takes all its time for that",
    "load": "commands at a pace, while brokers are killed",
    "load_until": "commands at a pace, while everything is killed",
    "recovered": "asks the server itself until it has recovered",
    "repeat": "an attack at a pace",
    "tail": "a reader at a pace",
}
ENDLESS_SECONDS = 60  # what sleeps as long stands for what never ends: the test ends it
SLEEPS_IN_TEXT = re.compile(r"(?:\b|_)sleep(?:_until|_for)?\(([^()]*)")
WAITS_FOR_EVER = """
import asyncio

async def test_what_never_comes():
    await asyncio.Event().wait()
"""


def endless_looks(module: ast.Module) -> Iterator[str]:
    """Functions with loops that sleep until something holds, and no deadline."""
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for function in functions:
        if DEADLINES.search(ast.unparse(function)):
            continue
        for loop in (node for node in ast.walk(function) if isinstance(node, ast.While)):
            if any(isinstance(node, ast.Call) and ast.unparse(node.func).endswith("sleep") for node in ast.walk(loop)):
                yield function.name


def sleeps_before_a_not_yet(module: ast.Module) -> Iterator[int]:
    """Lines where a sleep of some length is followed by `assert not …`: it passes as well when nothing has begun."""
    for block in (getattr(node, "body", None) for node in ast.walk(module)):
        if not isinstance(block, list):
            continue
        for before, after in pairwise(block):
            slept = re.fullmatch(r"(?:await asyncio|time)\.sleep\((.+)\)", ast.unparse(before))
            if slept and slept[1] != "0" and isinstance(after, ast.Assert) and ast.unparse(after.test).startswith("not "):
                yield before.lineno


def sleeps(module: ast.Module) -> Iterator[str]:
    """Sleeps of some length, as `function: argument`; also those in programs and statements that a test has as texts."""
    parents = {child: node for node in ast.walk(module) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(module):
        for argument in _slept(node):
            if argument != "0" and not (argument.isdigit() and int(argument) >= ENDLESS_SECONDS):
                yield f"{_function_around(node, parents)}: {argument}"


def _slept(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("asyncio.sleep", "time.sleep", "anyio.sleep", "sleep"):
        yield ast.unparse(node.args[0]) if node.args else ""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from SLEEPS_IN_TEXT.findall(node.value)


def _function_around(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> str:
    while node in parents:
        node = parents[node]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return node.name
    return "module"


def test_every_wait_of_a_test_has_a_deadline(modules: Mapping[Path, ast.Module]) -> None:
    tests = {path: module for path, module in modules.items() if "tests" in folders(path) or path.name == "conftest.py"}
    assert tests
    assert {path: found for path, module in tests.items() if (found := set(endless_looks(module)) - GO_ON)} == {}


def test_no_test_sleeps_to_see_that_something_is_not_so_yet(modules: Mapping[Path, ast.Module]) -> None:
    tests = {path: module for path, module in modules.items() if "tests" in folders(path)}
    assert {path: lines for path, module in tests.items() if (lines := list(sleeps_before_a_not_yet(module)))} == {}


def test_no_test_sleeps(modules: Mapping[Path, ast.Module]) -> None:
    """It waits for the condition with `eventually`: a fixed time is too long on most machines and too short on some."""
    tests = {path: module for path, module in modules.items() if "tests" in folders(path) and path != Path(__file__)}
    assert tests
    found = {path: [one for one in sleeps(module) if one.partition(":")[0] not in PACES] for path, module in tests.items()}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "sleep",
    [
        "await asyncio.sleep(0.1)",
        "time.sleep(seconds)",
        "await connection.execute('select pg_sleep(0.1)')",
        'await connection.execute("select pg_sleep_until($1)", at)',
        "program = 'import time; time.sleep(2)'",
    ],
)
def test_sleep_is_noticed(sleep: str) -> None:
    assert [one.partition(":")[0] for one in sleeps(ast.parse(f"async def test_it():\n  {sleep}"))] == ["test_it"]


@pytest.mark.parametrize("no_sleep", ["await asyncio.sleep(0)", "program = 'time.sleep(600)'", "await eventually(it.sleeps, 3)"])
def test_turn_for_others_and_what_never_ends_are_no_sleeps(no_sleep: str) -> None:
    assert list(sleeps(ast.parse(f"async def test_it():\n  {no_sleep}"))) == []


@pytest.mark.parametrize("loop", ["while True:\n  if await met(): return\n  await asyncio.sleep(0.01)", "while not it(): time.sleep(1)"])
def test_endless_look_is_noticed(loop: str) -> None:
    body = loop.replace("\n", "\n  ")
    assert list(endless_looks(ast.parse(f"async def until():\n  {body}"))) == ["until"]
    assert not list(endless_looks(ast.parse(f"async def until(deadline):\n  {body}")))


@pytest.mark.parametrize("sleep", ["await asyncio.sleep(0.1)", "time.sleep(1)"])
def test_sleep_before_a_not_yet_is_noticed(sleep: str) -> None:
    assert list(sleeps_before_a_not_yet(ast.parse(f"async def test():\n  {sleep}\n  assert not waiting.done()"))) == [2]


def test_test_that_waits_for_ever_fails_by_its_name(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it waits for, and in whatever way: the run's own limit."""
    (tmp_path / "test_endless.py").write_text(WAITS_FOR_EVER)
    monkeypatch.setenv("PLACET_TEST_LIMIT_SECONDS", "0.5")
    options = ["-c", str(root / "pyproject.toml"), "-p", "conftest", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command = [sys.executable, "-m", "pytest", *options, str(tmp_path / "test_endless.py")]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "test_what_never_comes has waited for ever" in ended.stdout
    assert "1 failed" in ended.stdout
