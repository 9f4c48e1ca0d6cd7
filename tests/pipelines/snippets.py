"""The code blocks of docs/pipelines.md, by the headings that they stand under, as programs that can be run."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

__all__ = ["client_program", "java_program", "python_program", "shell_program"]

PAGE = Path(__file__).resolve().parents[2] / "docs/pipelines.md"
BLOCK = re.compile(r"^#+ (?P<heading>[^\n]+)\n(?:(?!^#).)*?^```(?P<language>[a-z]+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
# A minute without a message is a reason to ask; in a test a message has to be the reason.
NEVER_IN_A_TEST = (("timeout_ms=60_000", "timeout_ms=3_600_000"), ("Duration.ofMinutes(1)", "Duration.ofMinutes(60)"))
COMPILED_WITHIN = 240.0

Command = Sequence[str]


def block(heading: str) -> str:
    """The first block under a heading."""
    found = {match["heading"].strip("`"): match["code"] for match in BLOCK.finditer(PAGE.read_text())}
    return found[heading]


def shell_program(heading: str, *, with_functions: bool) -> Command:
    """What stands under the heading, after the functions of the page's curl and jq where it uses them."""
    for program in ("curl", "jq"):
        need(program)
    functions = block("curl and jq") if with_functions else ""
    return ["sh", "-euc", functions + block(heading)]


def client_program() -> Command:
    """What waits with the Python client."""
    return [sys.executable, "-c", block("placet_client")]


def python_program() -> Command:
    """The waiting pipeline in Python."""
    return [sys.executable, "-c", patient(block("Python"))]


def java_program(jars: Path, folder: Path) -> Command:
    """The waiting pipeline in Java, compiled against the client that comes with the broker; warnings are errors."""
    need("javac")
    source = folder / "WaitForApproval.java"
    source.write_text(patient(block("Java")))
    command = ["javac", "-Xlint:all", "-Werror", "-cp", f"{jars}/*", "-d", str(folder), str(source)]
    compiled = subprocess.run(command, capture_output=True, text=True, timeout=COMPILED_WITHIN, check=False)
    assert compiled.returncode == 0, compiled.stdout + compiled.stderr
    return ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{folder}:{jars}/*", "WaitForApproval"]


def patient(code: str) -> str:
    """The same, but only a message wakes it."""
    changed = code
    for short, long in NEVER_IN_A_TEST:
        changed = changed.replace(short, long)
    assert changed != code
    return changed


def need(program: str) -> None:
    """Skips the test where a program is missing; with PLACET_REQUIRE_PIPELINE_TOOLS=1 it fails."""
    if shutil.which(program) is None:
        reason = f"docs/pipelines.md is not tried out whole: there is no {program}"
        if os.environ.get("PLACET_REQUIRE_PIPELINE_TOOLS") == "1":
            raise AssertionError(reason)
        pytest.skip(reason)
