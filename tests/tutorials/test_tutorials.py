"""The tutorials, command by command: a block of YAML that names a file is written, Python and shell blocks are run where it lies.

And the example of README.md, with what it says its commands print.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TUTORIALS = Path(__file__).parents[2] / "docs/tutorials"
README = Path(__file__).parents[2] / "README.md"
CHANGES = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|[a-z]+:\d+:\d+|concerns .*")
PLACET = f"placet() {{ '{sys.executable}' -m placet \"$@\"; }}"


def blocks(page: Path) -> Iterator[tuple[str, str, str]]:
    """Language, file name and text of each."""
    yield from BLOCK.findall(page.read_text())


def run_through(name: str, installation: Any, folder: Path) -> list[str]:
    """What each command of a tutorial says."""
    said = []
    for language, file, text in blocks(TUTORIALS / name):
        if language == "yaml":
            (folder / file).write_text(text)
            continue
        command = [sys.executable, "-c", text] if language == "python" else ["bash", "-euc", f"{PLACET}\n{text}"]
        done = subprocess.run(command, cwd=folder, env=installation.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        said.append(done.stdout)
    return said


@pytest.mark.postgres
def test_two_plans(installation: Any, tmp_path: Path) -> None:
    said = run_through("two-plans.md", installation, tmp_path)
    whole = "\n".join(said)
    assert "2 of 2 plans passed" in whole
    assert re.search(r"prediction: 0 \(1: 0\.3\d+\)", whole)
    assert re.search(r"regions-alike +subgroups +PASS", whole)
    for name in ("safe-to-load", "loans"):
        assert "<h1>loans/1 for prod</h1>" in (tmp_path / f"report-{name}.html").read_text()
    assert "tag governance/risk=high" in said[-2], "the third plan is in force"
    assert re.search(r"PASS +0\.\d+ +>= 0\.85", said[-1]), "and the history is there"


@pytest.mark.postgres
def test_evidence_from_elsewhere(installation: Any, tmp_path: Path) -> None:
    *_, unattested, _, attested = run_through("evidence-from-elsewhere.md", installation, tmp_path)
    assert "No attestation, no pass." in unattested
    assert re.search(r"attacks +attestation +PASS", attested)
    assert "test-result" in attested


@pytest.mark.postgres
def test_example_of_the_readme_prints_what_it_shows(installation: Any, tmp_path: Path) -> None:
    """But for ids, digests, times, positions, and the models that other tests registered."""
    page = blocks(README)
    (tmp_path / "plan.yaml").write_text(next(text for language, _, text in page if language == "yaml"))
    shown = next(text for language, _, text in page if language == "console")
    nodes = [helper.make_node("Sigmoid", ["X"], ["P"])]
    x, p = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in "XP")
    onnx.save(helper.make_model(helper.make_graph(nodes, "churn", [x], [p])), tmp_path / "churn.onnx")
    printed = []
    for command in re.findall(r"^\$ (.+)$", shown, re.MULTILINE):
        done = subprocess.run(
            ["bash", "-euc", f"{PLACET}\n{command}"],
            cwd=tmp_path,
            env={**installation.environment, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        printed.append(f"$ {command}\n{done.stdout}")
    real = "".join(printed)
    assert CHANGES.sub("…", re.sub(r" +$", "", real, flags=re.MULTILINE)) == CHANGES.sub("…", shown), real
