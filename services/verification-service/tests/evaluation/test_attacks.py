"""What code can do that has taken over the confined child: each attack against Landlock alone, seccomp alone, and both.

Every row says what becomes of it, so a protection that is taken away fails its own column.
"""

import asyncio
import os
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from placet_verification.adapters.evaluation.confinement import Confinement
from placet_verification.domain.result import Evaluation
from placet_verification.ports import Refusal

from .. import builders, onnx_models
from ..attacks import COMPLETE, KILLED, NEEDS_CONFINEMENT, ONLY_LANDLOCK, ONLY_SECCOMP, UNCONFINED, attacked, found

pytestmark = NEEDS_CONFINEMENT

EACCES, EPERM = found(error="EACCES"), found(error="EPERM")
REACHED = found(reached=True)

# run in the child before it is confined
UNABLE = """
from placet_verification.adapters.evaluation import kernel, landlock, seccomp
def refused(*_): raise OSError(38, os.strerror(38))
landlock.system_call = seccomp.system_call = refused
"""
LESS = """
from placet_verification.adapters.evaluation import confinement
confinement.seccomp.restrict_self = lambda: None
confinement.Confinement.record = lambda self: {"no_new_privs": True, "landlock": self.landlock, "seccomp": False}
"""

# the attack, Landlock alone, seccomp alone
FILES = {
    "read a file": ("open('/etc/passwd').read()", EACCES, EPERM),
    "list a folder": ("os.listdir('/')", EACCES, EPERM),
    "write a file": ("open(FOLDER + '/new', 'w')", EACCES, EPERM),
    "make a folder": ("os.mkdir(FOLDER + '/new')", EACCES, EPERM),
    "remove a file": ("os.unlink(FOLDER + '/rows')", EACCES, EPERM),
    "escape by /proc/self/root": ("open('/proc/self/root/etc/passwd')", EACCES, EPERM),
    "open the artifact again, for writing": ("open(f'/proc/self/fd/{request[\"artifact_fd\"]}', 'r+')", EACCES, EPERM),
    "read the parent's environment": ("open(f'/proc/{os.getppid()}/environ', 'rb')", EACCES, EPERM),
    "read the parent's memory by its file": ("open(f'/proc/{os.getppid()}/mem', 'rb')", EACCES, EPERM),
    "run another program": ("os.execv('/bin/true', ['true'])", EACCES, KILLED),
}
PROCESSES = {
    "trace the parent": ("call('ptrace', 16, os.getppid(), 0, 0)", EPERM, KILLED),
    "signal the parent": ("os.kill(os.getppid(), 0)", EPERM, KILLED),
    "take a descriptor of the parent": ("call('pidfd_getfd', call('pidfd_open', os.getppid(), 0), 0, 0)", EPERM, KILLED),
}
# Landlock says nothing about these: seccomp is alone
BY_SECCOMP = {
    "another process": ("os.fork()", EPERM),
    "a fork bomb": ("while True: os.fork()", EPERM),
    "a thread": ("import _thread; _thread.start_new_thread(print, ())", Refusal("crashed", {"ended_by": "exit code 1"})),
    "memory that is code": ("mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)", EPERM),
    "a file without a name": ("os.memfd_create('x')", EPERM),
    "the rights of an open file": ("os.fchmod(request['artifact_fd'], 0o777)", EPERM),
    "what there is in a folder": ("os.stat('/etc/passwd')", EPERM),
    "the parent's limits": ("import resource; resource.prlimit(os.getppid(), resource.RLIMIT_CPU)", EPERM),
    "rings": ("call('io_uring_setup', 1, bytes(120))", KILLED),
    "programs in the kernel": ("call('bpf', 0, bytes(72), 72)", KILLED),
    "keys": ("call('keyctl', 0, -3, 0)", KILLED),
    "another view of the machine": ("call('unshare', 0x10000000)", KILLED),
    "mounts": ("call('mount', 0, 0, 0, 0, 0)", KILLED),
    "faults": ("call('userfaultfd', 0)", KILLED),
    "counters": ("call('perf_event_open', 0, 0, 0, 0, 0)", KILLED),
    "another process's memory": ("call('process_vm_readv', os.getppid(), 0, 0, 0, 0, 0)", KILLED),
}


def cases(*tables: dict[str, tuple[str, Refusal, Refusal]]) -> list[object]:
    rows = {name: row for table in tables for name, row in table.items()}
    return [
        pytest.param(code, confinement, expected, id=f"{name}, {label}")
        for name, (code, by_landlock, by_seccomp) in rows.items()
        for label, confinement, expected in (
            ("Landlock", ONLY_LANDLOCK, by_landlock),
            ("seccomp", ONLY_SECCOMP, by_seccomp),
            ("both", COMPLETE, by_seccomp),
        )
    ]


@pytest.mark.parametrize(("code", "confinement", "expected"), cases(FILES, PROCESSES))
async def test_each_layer_alone_stops_it(tmp_path: Path, code: str, confinement: Confinement, expected: Refusal) -> None:
    assert await attacked(tmp_path, code.replace("FOLDER", repr(str(tmp_path))), confinement) == expected
    assert sorted(os.listdir(tmp_path)) == ["attack", "rows"]


@pytest.mark.parametrize(("code", "expected"), BY_SECCOMP.values(), ids=BY_SECCOMP.keys())
async def test_seccomp_stops_it(tmp_path: Path, code: str, expected: Refusal) -> None:
    assert await attacked(tmp_path, code, ONLY_SECCOMP) == expected


CONNECT = "socket.socket().connect(('127.0.0.1', {port})); found['reached'] = True"
BIND = "socket.socket().bind(('127.0.0.1', 0)); found['reached'] = True"
DATAGRAM = "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port})); found['reached'] = True"
ABSTRACT = "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).connect('\\0placet-{port}'); found['reached'] = True"


@pytest.mark.parametrize(
    ("code", "by_landlock"),
    [(CONNECT, EACCES), (BIND, EACCES), (ABSTRACT, EPERM), (DATAGRAM, REACHED)],
    ids=["connect", "bind", "an abstract unix socket", "a datagram"],
)
async def test_there_is_no_network(tmp_path: Path, code: str, by_landlock: Refusal) -> None:
    """Landlock does not cover UDP; so seccomp is needed."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = server.getsockname()[1]
        receiver = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        receiver.bind(("127.0.0.1", port))
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        abstract.bind(f"\0placet-{port}")
        attack = code.format(port=port)
        assert await attacked(tmp_path, attack, UNCONFINED) == REACHED
        assert await attacked(tmp_path, attack, ONLY_LANDLOCK) == by_landlock
        waiting = received(receiver)
        assert await attacked(tmp_path, attack, ONLY_SECCOMP) == KILLED
        assert await attacked(tmp_path, attack, COMPLETE) == KILLED
        assert waiting == (2 if code == DATAGRAM else 0)
        assert received(receiver) == 0


def received(receiver: socket.socket) -> int:
    """The number of datagrams that have come, which are taken."""
    receiver.setblocking(False)
    count = 0
    with suppress(BlockingIOError):
        while receiver.recv(8):
            count += 1
    return count


FLOODS = {
    "output without end": ("while True: os.write(answers, b'x' * 65536)", Refusal("output_limit", {"bytes": 1024 * 1024})),
    "an answer that is no JSON": ("os.write(answers, b'[' * 9000); os._exit(0)", Refusal("crashed", {"answer": "unreadable"})),
    "an answer that has another form": ("os.write(answers, b'{\"status\": 7}'); os._exit(0)", Refusal("crashed", {"answer": "unreadable"})),
    "half a character": (
        """os.write(answers, b'{"status": "refused", "reason_code": "not_onnx", "facts": {"name": "a\\\\ud800"}}'); os._exit(0)""",
        Refusal("not_onnx", {"name": "a?"}),
    ),
    "a number that is none": (
        """os.write(answers, b'{"status": "refused", "reason_code": "not_onnx", "facts": {"bytes": 1e999}}'); os._exit(0)""",
        Refusal("crashed", {"answer": "unreadable"}),
    ),
    "a number that no float has": (
        """os.write(answers, b'{"status": "refused", "reason_code": "not_onnx", "facts": {"bytes": 1%s}}' % (b'0' * 400)); os._exit(0)""",
        Refusal("crashed", {"answer": "unreadable"}),
    ),
    "no answer": ("os._exit(0)", Refusal("crashed", {"answer": "unreadable"})),
    "complaints without end": ("while True: os.write(2, b'x' * 65536)", Refusal("timeout", {"seconds": 3})),
    "nothing, for ever": ("while True: pass", Refusal("timeout", {"seconds": 3})),
    "a death of its own": ("os.abort()", Refusal("crashed", {"ended_by": "SIGABRT"})),
    "a footer that contradicts itself": (
        "os.write(2, b\"terminate called after throwing an instance of 'parquet::ParquetException'\"); os.abort()",
        Refusal("not_parquet", {"engine": "aborted"}),
    ),
    "memory without end": ("kept = []\nwhile True: kept.append(bytearray(1 << 24))", Refusal("memory_limit")),
}


@pytest.mark.parametrize(("code", "expected"), FLOODS.values(), ids=FLOODS.keys())
async def test_its_end_has_an_exact_reason(tmp_path: Path, code: str, expected: Refusal) -> None:
    assert await attacked(tmp_path, code, seconds=3) == expected


async def test_what_confines_it_was_said_before_it_could_lie(tmp_path: Path) -> None:
    lie = """{"landlock": 99, "no_new_privs": true, "seccomp": true}\\n{"status": "measured"}\\n"""
    assert await attacked(tmp_path, f"os.write(answers, b'{lie}'); os._exit(0)") == Refusal("crashed", {"answer": "unreadable"})


async def test_a_run_beside_an_attack_is_not_hurt(tmp_path: Path) -> None:
    async def honest(name: str) -> Evaluation | Refusal:
        (tmp_path / name).mkdir()
        report = await builders.try_out(tmp_path / name, onnx_models.logistic(), builders.labelled_rows(), builders.plan())
        return report.finding

    alone = await honest("alone")
    assert isinstance(alone, Evaluation)
    attack = "while True:\n try: os.fork()\n except OSError: bytearray(1 << 24)"
    beside, attacker = await asyncio.gather(honest("beside"), attacked(tmp_path, attack, seconds=4))
    assert beside == alone
    assert attacker == Refusal("timeout", {"seconds": 4})


@pytest.mark.parametrize(
    ("more", "facts"),
    [
        (ONLY_LANDLOCK, {"what": "landlock"}),
        (ONLY_SECCOMP, {"what": "seccomp"}),
    ],
    ids=["Landlock", "seccomp"],
)
async def test_a_child_that_can_not_be_confined_as_asked_reads_nothing(
    tmp_path: Path, more: Confinement, facts: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the parent found, the child's kernel has the last word: here the child can't do what is asked."""
    finding = await attacked(tmp_path, "found['reached'] = True", more, before=UNABLE)
    assert isinstance(finding, Refusal)
    assert finding.reason_code == "confinement_failed"
    assert finding.facts == {**facts, "error": "[Errno 38] Function not implemented"}


async def test_a_child_with_another_thread_is_not_run(tmp_path: Path) -> None:
    another = "import threading; os.register_at_fork(after_in_child=threading.Thread(target=threading.Event().wait, daemon=True).start)"
    finding = await attacked(tmp_path, "found['reached'] = True", before=another)
    assert finding == Refusal("confinement_failed", {"what": "landlock", "error": "there are 2 threads"})


async def test_a_child_that_is_confined_by_less_than_asked_is_refused(tmp_path: Path) -> None:
    finding = await attacked(tmp_path, "found['reached'] = True", before=LESS)
    assert isinstance(finding, Refusal)
    assert finding.reason_code == "confinement_failed"
    assert finding.facts["applied"] == {**COMPLETE.record(), "seccomp": False}


async def test_a_descriptor_that_is_left_open_is_closed_before(tmp_path: Path) -> None:
    before = "LEFT = os.dup2(os.open('/etc/passwd', os.O_RDONLY), 60)"
    assert await attacked(tmp_path, "os.read(sys.modules['__main__'].LEFT, 1)", before=before) == found(error="EBADF")
