"""The programs of README.md run as they stand there."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = re.findall(r"^```python\n(.*?)^```$", (Path(__file__).resolve().parents[1] / "README.md").read_text(), re.MULTILINE | re.DOTALL)
PRINTED = ["7 " + "0" * 64 + " dev, test\n", "fraud for alice\n", "alice reads fraud\n"]


@pytest.mark.parametrize(("program", "printed"), [*zip(PROGRAMS, PRINTED, strict=True)], ids=["blocking", "awaiting", "of-ones-own"])
def test_program_of_the_readme_runs(service: Any, says: Any, model: Any, identity: Any, program: str, printed: str) -> None:
    version = {
        "id": "v", "model_id": "m", "model_name": "fraud", "number": 7, "artifact": {"sha256": "0" * 64, "size": 1}, "format": "onnx",
        "lineage": {}, "deployed_in": ["dev", "test"], "registered_by": "p", "registered_at": model["registered_at"],
    }  # fmt: skip
    service.by_path |= {
        "/v1/models/by-name/fraud": lambda _: says(200, model),
        "/v1/models/by-name/m": lambda _: says(200, model),
        "/v1/models/m/versions": lambda _: says(200, {"items": [version], "next_cursor": None}),
        "/v1/whoami": lambda _: says(200, identity),
    }
    environment = {f"PLACET_{name}_URL": service.url for name in ("REGISTRY", "APPROVAL")} | {"PLACET_TOKEN": "placet_" + "t" * 40}
    ended = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert ended.stdout == printed, ended.stderr
