"""Runs the evaluation in a child process without rights, and turns every way in which it can end into a report.

The child is forked from a process that has nothing of the worker's (`fork_server`), in a process group of its own, with a request on its
standard input, two pipes, and its files open for reading. It confines itself before it reads them (`evaluation.confinement`) and says
so; an answer from a child that is confined by less than this machine offers is refused. The worker enforces the wall clock, and has
the whole group killed at a time-out or when it writes too much.
"""

import asyncio
import json
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, ExitStack
from dataclasses import asdict, dataclass
from math import isfinite
from typing import IO, Any, NoReturn

from placet_verification.adapters.evaluation.confinement import Confinement, offered
from placet_verification.adapters.fork_server import ForkServer
from placet_verification.domain.formats import obstacle
from placet_verification.domain.reasons import reason_code_of
from placet_verification.domain.result import Evaluation
from placet_verification.ports import Refusal, Report, Trial

__all__ = ["Sandbox"]

ANSWER_LIMIT = 1024 * 1024
COMPLAINT_LIMIT = 4096
MEBIBYTE = 1024 * 1024

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

    Tests take protections away by a `probe` of their own.
    """

    wall_clock_seconds: int
    memory_mib: int
    children: ForkServer
    probe: Callable[[], Confinement] = offered

    async def evaluate(self, trial: Trial) -> Report:
        """Run one trial; a `Refusal` says what stopped it. Raises `Unavailable` when no child can be had."""
        begun = asyncio.get_running_loop().time()
        confinement = self.probe()
        complete = confinement.landlock > 0 and confinement.seccomp
        obstacles = _obstacles(trial, complete=complete)
        if trial.document["dataset"] and (reason := obstacles["obstacle"]):
            return Report(Refusal(reason, {"format": trial.format}), {})
        limits = trial.document["limits"]
        seconds = min(limits["wall_clock_seconds"], self.wall_clock_seconds)
        memory = min(limits["memory_mib"], self.memory_mib) * MEBIBYTE
        observations: dict[str, Any] = {"host": os.uname().nodename}
        try:
            ended = await _run(self.children, trial, {**obstacles, "confinement": asdict(confinement)}, seconds, memory)
        except TimeoutError:
            finding: Evaluation | Refusal = Refusal("timeout", {"seconds": seconds})
        except _TooMuch:
            finding = Refusal("output_limit", {"bytes": ANSWER_LIMIT})
        else:
            finding, seen = _reading(ended, confinement, {"memory_bytes": memory, "wall_clock_s": seconds})
            observations |= seen
        duration = round(1000 * (asyncio.get_running_loop().time() - begun), 3)
        return Report(finding, {**observations, "duration_ms": duration})


def _obstacles(trial: Trial, *, complete: bool) -> dict[str, str | None]:
    """Why the model, or the one that it is compared with, may not be loaded here."""
    rules = trial.document["artifact"]
    return {
        "obstacle": obstacle(trial.format, rules, complete=complete),
        "champion_obstacle": obstacle(trial.champion.format, rules, complete=complete) if trial.champion else None,
    }


async def _run(children: ForkServer, trial: Trial, policy: Mapping[str, Any], seconds: int, memory: int) -> _Ended:
    """Raises `TimeoutError`, `_TooMuch` or `Unavailable`; the child is gone in every case."""
    paths = {"artifact": trial.artifact, **{what: file.path for what, file in trial.datasets.items()}}
    if trial.champion:
        paths["champion"] = trial.champion.path
    async with AsyncExitStack() as ours:
        with ExitStack() as given:
            files = {what: given.enter_context(path.open("rb")).fileno() for what, path in paths.items()}
            request = given.enter_context(_unnamed_file())
            places = {what: place for place, what in enumerate(files, start=3)}
            request.write(json.dumps(_request(trial, places, policy, seconds, memory)).encode())
            request.seek(0)
            answers, answer = await _pipe(ours, given)
            complaints, complaint = await _pipe(ours, given)
            child = await children.fork([request.fileno(), answer, complaint, *files.values()])
            ours.push_async_callback(child.end)
        async with asyncio.timeout(seconds):
            said = await asyncio.gather(_answer(answers), _complaint(complaints))
            return _Ended(await child.exit_code(), *said)


def _request(trial: Trial, places: Mapping[str, int], policy: Mapping[str, Any], seconds: int, memory: int) -> dict[str, Any]:
    """What the child reads first; `places` are its descriptors."""
    return {
        **policy,
        "plan": trial.document,
        "format": trial.format,
        "champion_format": trial.champion.format if trial.champion else "",
        "signature": trial.signature,
        "artifact_fd": places["artifact"],
        "artifact_sha256": trial.artifact_sha256,
        "champion_fd": places.get("champion"),
        "champion_sha256": trial.champion and trial.champion.sha256,
        "dataset_fds": {what: places[what] for what in trial.datasets},
        "datasets": {what: file.sha256 for what, file in trial.datasets.items()},
        "measures": dict(trial.measures),
        "further_columns": list(trial.further_columns),
        "memory_bytes": memory,
        "cpu_seconds": seconds + 1,
    }


def _unnamed_file() -> IO[bytes]:
    """In memory where the system has such files: a request can have values in it that must not stay on a disk."""
    return os.fdopen(os.memfd_create("request"), "w+b") if sys.platform == "linux" else tempfile.TemporaryFile()


async def _pipe(ours: AsyncExitStack, given: ExitStack) -> tuple[asyncio.StreamReader, int]:
    """What we read, and the end that the child gets."""
    read, write = os.pipe()
    given.callback(os.close, write)
    file = ours.enter_context(os.fdopen(read, "rb", buffering=0))
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
    ours.callback(transport.close)
    return reader, write


async def _answer(stream: asyncio.StreamReader) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := await stream.read(65536):
        size += len(part)
        if size > ANSWER_LIMIT:
            raise _TooMuch
        parts.append(part)
    return b"".join(parts)


async def _complaint(stream: asyncio.StreamReader) -> str:
    """The end of what it wrote to standard error."""
    end = b""
    while part := await stream.read(65536):
        end = (end + part)[-COMPLAINT_LIMIT:]
    return end.decode(errors="replace")


def _reading(ended: _Ended, asked: Confinement, limits: Mapping[str, int]) -> tuple[Evaluation | Refusal, Mapping[str, Any]]:
    """The meaning of the child's exit and output; all after the first line is as untrusted as the model that it ran."""
    if ended.returncode != 0:
        return _crash(ended), {}
    first, _, rest = ended.answer.partition(b"\n")
    try:
        applied = _plain(first)
        if "status" in applied:
            return _refusal(applied), {}
        if applied != asked.record():
            return Refusal("confinement_failed", {"asked": asked.record(), "applied": applied}), {}
        answer = _plain(rest)
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


def _plain(line: bytes) -> Any:
    """JSON that can be stored and read by all: finite numbers, a question mark for half a character, which names in a model may have."""
    value = json.loads(line, parse_constant=_no_number, parse_float=_finite, parse_int=_whole)
    return json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))


def _finite(text: str) -> float:
    value = float(text)
    return value if isfinite(value) else _no_number(text)


def _whole(text: str) -> int:
    """Integers that are no float64 are read by some as infinity."""
    return int(text) if isfinite(float(text)) else _no_number(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
