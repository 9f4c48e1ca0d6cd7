"""Every benchmark runs to its end and leaves a file of figures; what the figures are is no matter of a test."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LISTED = re.search(r"^BENCHMARKS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
SCRIPTS = LISTED[1].split() if LISTED else []


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("name", SCRIPTS)
def test_benchmark_runs_and_leaves_its_figures(name: str, tmp_path: Path) -> None:
    runs_and_leaves_its_figures(name, tmp_path)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.kafka
@pytest.mark.usefixtures("kafka_installation")
def test_benchmark_over_kafka_runs_and_leaves_its_figures(tmp_path: Path) -> None:
    runs_and_leaves_its_figures("over_kafka", tmp_path)


def runs_and_leaves_its_figures(name: str, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.json"
    command = [sys.executable, str(ROOT / f"benchmarks/{name}.py"), "--quick", "--json", str(file)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    document = json.loads(file.read_text())
    assert document["machine"]
    assert document["tables"]
    assert all(table.get("results") or table.get("rows") for table in document["tables"])
