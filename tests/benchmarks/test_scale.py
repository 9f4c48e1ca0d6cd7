"""No endpoint reads more blocks because there is more data."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Of four times as much data, one level more of each index that is asked; and the ends of indexes, at which the planner looks in tables that
# are no longer small.
MORE = 1.5
FEW = 20


@pytest.mark.slow
@pytest.mark.postgres
def test_no_endpoint_reads_more_blocks_as_the_data_grow(tmp_path: Path) -> None:
    file = tmp_path / "scale.json"
    command = [sys.executable, str(ROOT / "benchmarks/scale.py"), "--quick", "--json", str(file)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    read: dict[tuple[str, str], list[float]] = {}
    for table in json.loads(file.read_text())["tables"]:
        last = table["columns"].index("growth of blocks")
        read |= {(table["title"], row[0]): row[last - 2 : last] for row in table["rows"]}
    assert read
    assert {name: blocks for name, blocks in read.items() if blocks[1] > MORE * max(blocks[0], FEW)} == {}
