"""The child: read the request, drop privileges, run the trial.

It answers with two lines of JSON: what confines it, written before any untrusted byte was read, so that nothing that runs later can
say otherwise; and the outcome. A child that can't be confined as asked answers with its refusal alone.
"""

import json
import os
import sys
from itertools import pairwise
from typing import Any, BinaryIO

from placet_verification.adapters.evaluation import model_formats, trial
from placet_verification.adapters.evaluation.confinement import Confinement, confine, give_up_growth, give_up_privileges
from placet_verification.adapters.evaluation.dataset import prepare
from placet_verification.adapters.evaluation.inputs import Files
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["main"]


def main(parent: int) -> None:
    """The request on standard input names descriptors that are open; what native code prints goes to standard error.

    `parent` is the pid of the process that forked this one.
    """
    request = json.load(sys.stdin.buffer)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    give_up_privileges(request["cpu_seconds"], parent)
    try:
        answer = _tried(request, answers)
    except Refused as refused:
        answer = {"status": "refused", "reason_code": refused.reason_code, "facts": refused.facts}
    except MemoryError:
        answer = {"status": "refused", "reason_code": "memory_limit", "facts": {}}
    _say(answer, answers)


def _tried(request: dict[str, Any], answers: BinaryIO) -> dict[str, Any]:
    measures = trial.measuring_functions(request["measures"])  # what they import comes before the limits
    named = {"artifact": request["artifact_fd"], "champion": request["champion_fd"], **request["dataset_fds"]}
    descriptors = {what: descriptor for what, descriptor in named.items() if descriptor is not None}
    sizes = {what: os.fstat(descriptor).st_size for what, descriptor in descriptors.items()}
    model_formats.prepare(request)
    prepare(request["plan"], {what: sizes[what] for what in request["dataset_fds"]})
    _close_others({*descriptors.values(), answers.fileno()})
    give_up_growth(request["memory_bytes"])
    _say(confine(Confinement(**request["confinement"])).record(), answers)
    raw = {what: _read(descriptor, sizes[what]) for what, descriptor in descriptors.items()}
    datasets = {what: raw[what] for what in request["dataset_fds"]}
    return trial.try_model(Files(raw["artifact"], raw.get("champion"), datasets), request, measures)


def _read(file: int, size: int) -> bytes:
    """All of it; one call reads at most 2 GiB."""
    parts: list[bytes] = []
    read = 0
    while part := os.pread(file, size, read):
        parts.append(part)
        read += len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _close_others(kept: set[int]) -> None:
    """The parent's descriptors are closed already, unless a library of its opened one that is inherited."""
    sys.stdin.close()
    bounds = [2, *sorted(kept), 2**31 - 1]
    for low, high in pairwise(bounds):
        os.closerange(low + 1, high)


def _say(answer: dict[str, Any], answers: BinaryIO) -> None:
    answers.write(json.dumps(answer, allow_nan=False).encode() + b"\n")
    answers.flush()
