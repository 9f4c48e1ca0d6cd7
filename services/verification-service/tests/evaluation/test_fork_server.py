"""The server that forks children: what it has, what it shares, and what happens when it or the worker is gone."""

import asyncio
import os
import signal
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from placet_shared.errors import Unavailable
from placet_shared.testing import eventually
from placet_verification.adapters.fork_server import ForkServer
from placet_verification.adapters.sandbox import Sandbox
from placet_verification.domain.result import Evaluation
from placet_verification.ports import Trial

from .. import builders, onnx_models

SOME = """
import os, socket, sys, time
sys.path[:0] = sys.argv[1].split(os.pathsep)
from placet_shared.forking.serving import serve
from placet_verification.adapters.evaluation.__main__ import end_with
COUNT = []
def child(server):
    COUNT.append(1)
    exec(os.read(0, 1000))
server = serve(socket.socket(fileno=int(sys.argv[2])))
if server is not None:
    end_with(child, server)
"""
"""A server whose children run the Python that they are given."""


async def run(children: ForkServer, code: str) -> tuple[int, str]:
    """The child's exit code and output."""
    read, write = os.pipe()
    said, says = os.pipe()
    os.write(write, code.encode())
    os.close(write)
    child = await children.fork([read, says, says])
    os.close(read)
    os.close(says)
    try:
        exit_code = await child.exit_code()
        return exit_code, os.read(said, 10_000).decode()
    finally:
        os.close(said)
        await child.end()


def endless(folder: Path) -> Trial:
    plan = builders.plan(artifact={"allow_operators": ["Loop"]})
    return builders.trial(folder, onnx_models.endless(), builders.labelled_rows(), plan)


async def the_child(children: ForkServer) -> psutil.Process:
    """Once there is one."""
    found = await eventually(lambda: psutil.Process(children.pid).children() if children.pid else [])
    return found[0]


async def test_it_has_no_environment_and_no_descriptor_of_the_workers(tmp_path: Path) -> None:
    secret = os.open(tmp_path / "secret", os.O_CREAT | os.O_WRONLY)
    with closing(ForkServer()) as children:
        os.set_inheritable(secret, True)
        trial = builders.trial(tmp_path, onnx_models.logistic(), builders.labelled_rows(), builders.plan())
        await Sandbox(30, 512, children).evaluate(trial)
        os.close(secret)
        server = psutil.Process(children.pid)
        assert server.environ() == {}
        assert server.num_threads() == 1
        assert server.cwd() == "/"
        assert server.open_files() == []


async def test_a_child_finds_its_descriptors_in_order_and_no_others() -> None:
    with closing(ForkServer(SOME)) as children:
        code = "print(sorted(int(one) for one in os.listdir('/proc/self/fd')), flush=True)"
        exit_code, said = await run(children, code)
    assert exit_code == 0
    assert said == "[0, 1, 2, 3]\n"  # the last is that of listdir itself


async def test_nothing_that_one_child_does_is_there_for_the_next() -> None:
    with closing(ForkServer(SOME)) as children:
        for _ in range(3):
            assert await run(children, "COUNT.append(1); os.environ['LEFT'] = 'x'; print(len(COUNT), flush=True)") == (0, "2\n")
        assert await run(children, "print(os.environ.get('LEFT'), flush=True)") == (0, "None\n")


@pytest.mark.parametrize(
    ("code", "exit_code", "said"),
    [
        ("sys.exit('enough')", 1, "enough\n"),
        ("os._exit(7)", 7, ""),
        ("os.kill(os.getpid(), 11)", -11, ""),
        ("raise ValueError('no')", 1, "ValueError: no\n"),
    ],
    ids=["SystemExit", "_exit", "signal", "exception"],
)
async def test_the_end_of_a_child_is_told(code: str, exit_code: int, said: str) -> None:
    with closing(ForkServer(SOME)) as children:
        found, output = await run(children, code)
        assert found == exit_code
        assert output.endswith(said)
        assert (await run(children, "print('next', flush=True)"))[1] == "next\n"


async def test_many_children_at_once_each_tell_their_own_end() -> None:
    with closing(ForkServer(SOME)) as children:
        pipes = [os.pipe() for _ in range(50)]
        begun = [await children.fork([read, 2, 2]) for read, _ in pipes]
        await eventually(lambda: len(psutil.Process(children.pid).children()) == len(begun))
        for number, (_, write) in enumerate(pipes):
            os.write(write, f"os._exit({number})".encode())
        assert await asyncio.gather(*(child.exit_code() for child in begun)) == list(range(50))
        assert not psutil.Process(children.pid).children()
        for file in [file for pipe in pipes for file in pipe]:
            os.close(file)
        for child in begun:
            await child.end()


IN_ONE_ROUND = """
import selectors
class OneRound(selectors.DefaultSelector):
    def select(self, timeout=None):
        found = super().select(timeout)
        while len(self.get_map()) > 2 and len(found) < 2:
            found = super().select(timeout)
        return sorted(found, key=lambda event: event[0].fd)
selectors.DefaultSelector = OneRound
"""
"""While a child lives, the server hears of nothing until two things have happened; what it is woken by comes before lifelines."""


async def test_a_child_that_ends_as_it_is_given_up_costs_the_others_nothing() -> None:
    with closing(ForkServer(IN_ONE_ROUND + SOME)) as children:
        read, write = os.pipe()
        waiting = await children.fork([read, 2, 2])
        server = children.pid
        [process] = await eventually(lambda: psutil.Process(server).children())
        process.kill()
        await waiting.end()
        os.close(write)  # so the next one ends by itself
        await (await children.fork([read, 2, 2])).end()
        assert children.pid == server
        os.close(read)


async def test_what_a_child_started_goes_with_it() -> None:
    """Of its process group: where the kernel has no seccomp a child may fork."""
    with closing(ForkServer(SOME)) as children:
        _, said = await run(children, "pid = os.fork()\nif not pid: time.sleep(60)\nprint(pid, flush=True)")
        left = int(said)
        assert await eventually(lambda: not psutil.pid_exists(left) or psutil.Process(left).status() == psutil.STATUS_ZOMBIE)


async def test_a_run_whose_server_is_killed_is_tried_again_and_the_next_one_starts_another(tmp_path: Path) -> None:
    with closing(ForkServer()) as children:
        sandbox = Sandbox(30, 512, children)
        trying = asyncio.create_task(sandbox.evaluate(endless(tmp_path)))
        child = await the_child(children)
        assert children.pid is not None
        os.kill(children.pid, signal.SIGKILL)
        with pytest.raises(Unavailable, match="has ended"):
            await trying
        assert await eventually(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
        trial = builders.trial(tmp_path, onnx_models.logistic(), builders.labelled_rows(), builders.plan())
        assert isinstance((await sandbox.evaluate(trial)).finding, Evaluation)


async def test_closing_it_ends_the_children_that_run(tmp_path: Path) -> None:
    children = ForkServer()
    trying = asyncio.create_task(Sandbox(30, 512, children).evaluate(endless(tmp_path)))
    child = await the_child(children)
    children.close()
    with pytest.raises(Unavailable):
        await trying
    assert not (await asyncio.to_thread(psutil.wait_procs, [child], 10))[1]


async def test_a_server_that_can_not_start_is_an_outage_and_no_verdict(tmp_path: Path) -> None:
    trial = builders.trial(tmp_path, onnx_models.logistic(), builders.labelled_rows(), builders.plan())
    with closing(ForkServer("raise SystemExit(3)")) as children, pytest.raises(Unavailable):
        await Sandbox(30, 512, children).evaluate(trial)
