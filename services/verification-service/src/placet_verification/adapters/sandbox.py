"""Runs the evaluation in a child process without rights, and turns every way in which it can end into a report.

The child gets: an interpreter in isolated mode, an empty environment, a session and process group of its own, three pipes, and its
files open for reading. The child confines itself before it reads them (`evaluation.confinement`) and says so; an answer from a child that
is confined by less than this machine offers is refused. The parent enforces the wall clock and kills the whole group at a time-out or when
it writes too much.
"""

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

import placet_verification
from placet_verification.adapters.evaluation.confinement import Confinement, offered
from placet_verification.domain.formats import obstacle
from placet_verification.domain.reasons import reason_code_of
from placet_verification.domain.result import Evaluation
from placet_verification.ports import Refusal, Report, Trial

__all__ = ["PROGRAM", "Sandbox"]

ANSWER_LIMIT = 1024 * 1024
COMPLAINT_LIMIT = 4096
MEBIBYTE = 1024 * 1024

# isolated mode ignores PYTHONPATH and the working directory, so the one folder that is ours is named
PROGRAM = """
import runpy, sys
sys.path.insert(0, sys.argv[1])
runpy.run_module('placet_verification.adapters.evaluation', run_name='__main__')
"""
_OURS = str(Path(placet_verification.__file__).parents[1])

logger = logging.getLogger(__name__)


class _TooMuch(Exception):
    """The child wrote more output than it may."""


@dataclass(frozen=True, slots=True)
class _Ended:
    returncode: int
    answer: bytes
    complaint: str


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Caps of this installation; a plan may ask for less and not for more.

    Tests attack from inside by a `program` of their own, and take protections away by a `probe` of their own.
    """

    wall_clock_seconds: int
    memory_mib: int
    program: str = PROGRAM
    probe: Callable[[], Confinement] = offered

    async def evaluate(self, trial: Trial) -> Report:
        """Run one trial; a `Refusal` says what stopped it."""
        begun = asyncio.get_running_loop().time()
        confinement = self.probe()
        complete = confinement.landlock > 0 and confinement.seccomp
        if trial.document["dataset"] and (reason := obstacle(trial.format, complete=complete)):
            return Report(Refusal(reason, {"format": trial.format}), {})
        limits = trial.document["limits"]
        seconds = min(limits["wall_clock_seconds"], self.wall_clock_seconds)
        memory = min(limits["memory_mib"], self.memory_mib) * MEBIBYTE
        observations: dict[str, Any] = {"host": os.uname().nodename}
        try:
            ended = await _run(self.program, trial, confinement, seconds, memory)
        except TimeoutError:
            finding: Evaluation | Refusal = Refusal("timeout", {"seconds": seconds})
        except _TooMuch:
            finding = Refusal("output_limit", {"bytes": ANSWER_LIMIT})
        else:
            finding, seen = _reading(ended, confinement, {"memory_bytes": memory, "wall_clock_s": seconds})
            observations |= seen
        duration = round(1000 * (asyncio.get_running_loop().time() - begun), 3)
        return Report(finding, {**observations, "duration_ms": duration})


async def _run(program: str, trial: Trial, confinement: Confinement, seconds: int, memory: int) -> _Ended:
    """Raises `TimeoutError` or `_TooMuch`; the child is gone in every case."""
    with ExitStack() as files:
        artifact = files.enter_context(trial.artifact.open("rb")).fileno()
        champion = files.enter_context(trial.champion.path.open("rb")).fileno() if trial.champion else None
        datasets = {what: files.enter_context(file.path.open("rb")).fileno() for what, file in trial.datasets.items()}
        passed = [artifact, *datasets.values(), *([] if champion is None else [champion])]
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-B", "-c", program, _OURS,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            pass_fds=passed, env={}, cwd="/", start_new_session=True, limit=ANSWER_LIMIT,
        )  # fmt: skip
    request = {
        "parent": os.getpid(),
        "confinement": asdict(confinement),
        "plan": trial.document,
        "signature": trial.signature,
        "artifact_fd": artifact,
        "artifact_sha256": trial.artifact_sha256,
        "champion_fd": champion,
        "champion_sha256": trial.champion and trial.champion.sha256,
        "dataset_fds": datasets,
        "datasets": {what: file.sha256 for what, file in trial.datasets.items()},
        "measures": dict(trial.measures),
        "further_columns": list(trial.further_columns),
        "memory_bytes": memory,
        "cpu_seconds": seconds + 1,
    }
    try:
        async with asyncio.timeout(seconds):
            _, answer, complaint = await asyncio.gather(_send_request(child, request), _answer(child), _complaint(child))
            return _Ended(await child.wait(), answer, complaint)
    finally:
        await _bury(child)


async def _send_request(child: asyncio.subprocess.Process, request: Mapping[str, Any]) -> None:
    assert child.stdin is not None
    child.stdin.write(json.dumps(request).encode())
    try:
        await child.stdin.drain()
        child.stdin.close()
        await child.stdin.wait_closed()
    except (BrokenPipeError, ConnectionResetError):
        logger.debug("the child went before it had read its request")


async def _answer(child: asyncio.subprocess.Process) -> bytes:
    assert child.stdout is not None
    parts: list[bytes] = []
    size = 0
    while part := await child.stdout.read(65536):
        size += len(part)
        if size > ANSWER_LIMIT:
            raise _TooMuch
        parts.append(part)
    return b"".join(parts)


async def _complaint(child: asyncio.subprocess.Process) -> str:
    """The end of what it wrote to standard error."""
    assert child.stderr is not None
    end = b""
    while part := await child.stderr.read(65536):
        end = (end + part)[-COMPLAINT_LIMIT:]
    return end.decode(errors="replace")


async def _bury(child: asyncio.subprocess.Process) -> None:
    """Kill the group, which is the child's own; until the child is waited for, its pid is not reused."""
    if child.returncode is None:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            logger.debug("the child had just ended")
    await child.wait()


def _reading(ended: _Ended, asked: Confinement, limits: Mapping[str, int]) -> tuple[Evaluation | Refusal, Mapping[str, Any]]:
    """The meaning of the child's exit and output; all after the first line is as untrusted as the model that it ran."""
    if ended.returncode != 0:
        return _crash(ended), {}
    first, _, rest = ended.answer.partition(b"\n")
    try:
        applied = json.loads(first)
        if "status" in applied:
            return _refusal(applied), {}
        if applied != asked.record():
            return Refusal("confinement_failed", {"asked": asked.record(), "applied": applied}), {}
        answer = json.loads(rest, parse_constant=_no_number)
        if answer["status"] == "refused":
            return _refusal(answer), {}
        measured = {str(check): dict(plain) for check, plain in answer["measured"].items()}
        versions = {str(name): str(version) for name, version in answer["engine_versions"].items()}
        observations = dict(answer["observations"])
        observed = {str(check): dict(plain) for check, plain in observations.get("checks", {}).items()}
        return Evaluation(measured, versions, {**applied, **limits}, observed), observations
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        logger.warning("the child's answer can't be read", extra={"complaint": ended.complaint})
        return Refusal("crashed", {"answer": "unreadable"}), {}


def _refusal(answer: Mapping[str, Any]) -> Refusal:
    return Refusal(reason_code_of(answer["reason_code"]), dict(answer["facts"]))


def _crash(ended: _Ended) -> Refusal:
    logger.warning("the child died", extra={"returncode": ended.returncode, "complaint": ended.complaint})
    if "bad_alloc" in ended.complaint or "MemoryError" in ended.complaint:
        return Refusal("memory_limit")
    if ended.returncode == -signal.SIGSYS:
        return Refusal("forbidden_system_call")
    if ended.returncode == -signal.SIGABRT and "parquet::ParquetException" in ended.complaint:
        return Refusal("not_parquet", {"engine": "aborted"})  # some of its readers do not expect a footer that contradicts itself
    if ended.returncode == -signal.SIGXCPU:
        return Refusal("timeout", {"limit": "processor time"})
    name = signal.Signals(-ended.returncode).name if ended.returncode < 0 else f"exit code {ended.returncode}"
    return Refusal("crashed", {"ended_by": name})


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
