"""What the child has given up, seen from inside and from outside."""

import asyncio
import json
import sys
from pathlib import Path

import placet_verification

SOURCES = str(Path(placet_verification.__file__).parents[1])
LOOK = """
import json, os, resource, sys
sys.path.insert(0, sys.argv[1])
from placet_verification.adapters.evaluation.confinement import give_up_growth, give_up_privileges
give_up_privileges(7, os.getppid())
give_up_growth(64 * 1024 ** 2)
seen = {"status": open("/proc/self/status").read()}
seen |= {"cpu": resource.getrlimit(resource.RLIMIT_CPU), "core": resource.getrlimit(resource.RLIMIT_CORE)}
try:
    bytearray(256 * 1024 ** 2)
except MemoryError:
    seen["memory"] = "refused"
try:
    with open(sys.argv[2], "wb") as file:
        file.write(b"x")
except OSError as error:
    seen["file"] = error.strerror
print(json.dumps(seen))
"""
LOAD = """
import os, sys
sys.path.insert(0, sys.argv[1])
from placet_verification.adapters.evaluation.confinement import give_up_privileges
give_up_privileges(30, os.getppid())
from placet_verification.adapters.evaluation import engine
print(next(line for line in open("/proc/self/status") if line.startswith("Threads")), end="")
"""


async def test_the_child_can_not_grow_write_or_gain_privileges(tmp_path: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", LOOK, SOURCES, str(tmp_path / "file"), stdout=asyncio.subprocess.PIPE, env={}
    )
    out, _ = await child.communicate()
    seen = json.loads(out)
    assert "NoNewPrivs:\t1" in seen["status"]
    assert seen["cpu"] == [7, 7]
    assert seen["core"] == [0, 0]
    assert seen["memory"] == "refused"
    assert seen["file"] == "File too large"


async def test_the_engine_runs_in_one_thread_and_sends_no_reports() -> None:
    """With its telemetry on it would have an uploading thread."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", LOAD, SOURCES, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={}
    )
    out, complaint = await child.communicate()
    assert out == b"Threads:\t1\n"
    assert complaint == b""


async def test_a_child_whose_parent_is_gone_does_not_begin() -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", LOAD.replace("os.getppid()", "1"), SOURCES, stderr=asyncio.subprocess.PIPE, env={}
    )
    _, complaint = await child.communicate()
    assert complaint == b"the parent is gone already\n"
