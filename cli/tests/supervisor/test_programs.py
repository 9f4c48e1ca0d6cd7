"""Programs of `placet up` are forked: each must be as much a process of its own as one that was started, and run what is on the disk."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from placet.supervisor.programs import Programs, Running
from placet_shared.testing import clean_environment, eventually

IMPORTED = """
import os
ENVIRONMENT, WHERE, VALUE = dict(os.environ), os.getpid(), "old"
os.environ["SET_BY_AN_IMPORT"] = "1"
"""
TELLS = """
import atexit, json, os, random, signal, subprocess, sys, time, uuid_utils
from told import process
if "end" in sys.argv:
    atexit.register(print, "at exit")
    sys.exit("enough" if sys.argv[2] == "words" else int(sys.argv[2]))
print(json.dumps({
    "pid": os.getpid(), "parent": os.getppid(), "group": os.getpgid(0), "session": os.getsid(0), "words": sys.argv[1:],
    "environment": dict(os.environ), "imported": [process.WHERE, process.VALUE, process.ENVIRONMENT], "name": __name__,
    "files": [int(one) for one in os.listdir("/proc/self/fd")], "typed": sys.stdin.read(),
    "interrupted": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
    "random": [random.random(), str(uuid_utils.uuid7())[-12:]],
    "started": subprocess.Popen(["sleep", "600"]).pid if "starts" in sys.argv else None,
}), flush=True)
while "waits" in sys.argv:
    time.sleep(600)
"""  # fmt: skip
SECRET = {"PLACET_REGISTRY_DATABASE_URL": "postgresql://secret"}


class Told:
    """A package whose program tells what it finds, and `Programs` that have imported its `process`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "told.log"
        self.module = folder / "told" / "process.py"
        self.module.parent.mkdir()
        self.module.with_name("__main__.py").write_text(TELLS)
        self.module.write_text(IMPORTED)
        self.environment = clean_environment()
        self.environment["PYTHONPATH"] = os.pathsep.join([str(folder), self.environment["PYTHONPATH"]])
        self.programs = Programs(["told.process", "told.no_such_module"], {**self.environment, **SECRET})

    async def start(self, *words: str, **environment: str) -> Running:
        return await self.programs.start(["told", *words], {**self.environment, **environment}, self.log)

    async def what(self, *words: str, **environment: str) -> dict[str, Any]:
        """What a program tells that has ended well."""
        assert await (await self.start(*words, **environment)).wait() == 0, self.log.read_text()
        return self.said()

    def said(self) -> dict[str, Any]:
        """The last program's line."""
        found: dict[str, Any] = json.loads(self.log.read_text().splitlines()[-1])
        return found

    async def waiting(self, *words: str) -> tuple[Running, dict[str, Any]]:
        """A program that runs, and what it told."""
        before = len(self.log.read_text()) if self.log.exists() else 0
        program = await self.start("waits", *words)
        await eventually(lambda: self.log.read_text()[before:].endswith("\n"))
        return program, self.said()


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    one = Told(tmp_path)
    yield one
    one.programs.close()


def is_there(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


async def test_program_has_its_own_words_environment_group_and_output(told: Told) -> None:
    found = await told.what("some", "words", OWN="1")
    assert (found["words"], found["name"], found["typed"]) == (["some", "words"], "__main__", "")
    ours: Mapping[str, str] = {**told.environment, "OWN": "1", "SET_BY_AN_IMPORT": "1"}
    assert found["environment"] == ours
    assert found["group"] == found["pid"] != found["parent"]
    assert found["session"] == os.getsid(0)
    assert sorted(found["files"]) == [0, 1, 2, 3]  # the last is that of listdir itself
    assert found["interrupted"]
    await told.what()
    assert len(told.log.read_text().splitlines()) == 2


async def test_programs_share_what_was_imported_and_neither_settings_nor_chance(told: Told) -> None:
    one, other = await told.what(), await told.what()
    assert one["imported"] == other["imported"]
    where, _, environment = one["imported"]
    assert where == one["parent"] == other["parent"]
    assert [name for name in environment if name.startswith("PLACET_")] == []
    assert set(one["random"]) & set(other["random"]) == set()


async def test_name_in_the_list_of_processes_is_that_of_the_program(told: Told) -> None:
    _, found = await told.waiting("worker")
    process = psutil.Process(found["pid"])
    assert [word for word in process.cmdline() if word] == [sys.executable, "-P", "-m", "told", "waits", "worker"]
    assert process.name() == "told"
    assert not any(value in SECRET.values() for value in process.environ().values())


async def test_program_that_is_started_after_a_change_on_the_disk_runs_what_is_there_then(told: Told) -> None:
    before = await told.what()
    told.module.write_text(IMPORTED.replace("old", "newer"))
    after = await told.what("some", OWN="1")
    assert (before["imported"][1], after["imported"][:2]) == ("old", [after["pid"], "newer"])
    assert (after["parent"], after["group"], after["words"]) == (before["parent"], after["pid"], ["some"])
    assert (after["environment"]["OWN"], sorted(after["files"])) == ("1", [0, 1, 2, 3])


@pytest.mark.parametrize(("how", "code", "said"), [("0", 0, ""), ("3", 3, ""), ("words", 1, "enough\n")])
async def test_end_of_a_program_is_told_after_its_last_words(told: Told, how: str, code: int, said: str) -> None:
    program = await told.start("end", how)
    assert (await program.wait(), program.returncode) == (code, code)
    assert told.log.read_text() == f"{said}at exit\n"


async def test_program_that_is_terminated_ends_by_the_signal(told: Told) -> None:
    program, _ = await told.waiting()
    assert program.returncode is None
    program.terminate()
    assert await program.wait() == -signal.SIGTERM


async def test_signals_to_all_processes_at_once_leave_the_fork_server_to_its_programs(told: Told) -> None:
    program, found = await told.waiting()
    for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(found["parent"], sent)
    assert (await told.what())["parent"] == found["parent"]
    os.kill(found["pid"], signal.SIGHUP)
    assert await program.wait() == -signal.SIGHUP


async def test_kill_ends_also_what_a_program_started(told: Told) -> None:
    program, found = await told.waiting("starts")
    program.kill()
    assert await program.wait() == -signal.SIGKILL
    await eventually(lambda: not is_there(found["started"]))


async def test_programs_end_with_the_fork_server_and_the_next_one_has_another(told: Told) -> None:
    program, found = await told.waiting()
    os.kill(found["parent"], signal.SIGKILL)
    assert await program.wait() == -signal.SIGKILL
    await eventually(lambda: not is_there(found["pid"]))
    after = await told.what()
    assert after["parent"] != found["parent"]
    assert after["imported"][0] == after["parent"]


async def test_programs_end_when_the_supervisor_closes_them(told: Told) -> None:
    program, found = await told.waiting()
    told.programs.close()
    assert await program.wait() == -signal.SIGKILL
    await eventually(lambda: not is_there(found["pid"]))


async def test_program_is_started_plainly_where_no_fork_server_can_be_had(tmp_path: Path) -> None:
    told = Told(tmp_path)
    told.module.write_text("import os\nif 'fork_server' in open('/proc/self/cmdline').read(): os._exit(3)\n" + IMPORTED)
    found = await told.what("some", OWN="1")
    assert (found["parent"], found["words"], found["environment"]["OWN"]) == (os.getpid(), ["some"], "1")
    assert found["imported"][0] == found["pid"] == found["group"]
    told.programs.close()


async def test_start_that_is_cancelled_while_the_server_imports_leaves_no_program(told: Told) -> None:
    os.mkfifo(told.folder / "go")
    told.module.write_text(f"open({str(told.folder / 'go')!r}).close()\n" + IMPORTED)  # until the other end is opened
    starting = asyncio.create_task(told.start("waits"))
    for _ in range(20):  # until it waits to be told that it was forked
        await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    (told.folder / "go").write_text("")
    program, found = await told.waiting()
    await eventually(lambda: [child.pid for child in psutil.Process(found["parent"]).children()] == [found["pid"]])
    program.kill()
