"""An attacker's Python inside the confined child: the artifact is code that runs at the place of a model, under the real parent.

The code may use `os`, `socket`, `mmap`, `sys`, `call` (a raw system call by name), `request` and `answers` (the descriptor that leads to
the parent), and leaves what it learnt in `found`. An error of the operating system is found by its name.
"""

import os
from contextlib import closing, nullcontext
from pathlib import Path

import pytest

from placet_verification.adapters.evaluation.confinement import Confinement, offered
from placet_verification.adapters.fork_server import PROGRAM, ForkServer
from placet_verification.adapters.sandbox import Sandbox
from placet_verification.domain.result import Evaluation
from placet_verification.ports import DataFile, Refusal, Trial

from . import builders

COMPLETE = offered()
NEEDS_CONFINEMENT = pytest.mark.skipif(
    os.environ.get("PLACET_REQUIRE_CONFINEMENT") != "1" and (COMPLETE.landlock < 6 or not COMPLETE.seccomp),
    reason="needs a kernel with Landlock (ABI 6 or newer, Linux 6.12) and seccomp",
)
ONLY_LANDLOCK = Confinement(no_new_privs=True, landlock=COMPLETE.landlock, seccomp=False)
ONLY_SECCOMP = Confinement(no_new_privs=True, landlock=0, seccomp=True)
UNCONFINED = Confinement(no_new_privs=True, landlock=0, seccomp=False)

KILLED = Refusal("forbidden_system_call")

_ATTACK = """
import errno, mmap, os, platform, socket, sys
sys.path.insert(0, sys.argv[1])
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # what the child sets before it imports a library
from placet_verification.adapters.evaluation import trial
from placet_verification.adapters.evaluation.kernel import system_call
from placet_verification.adapters.evaluation.system_calls import ALLOWED, ATTACKS, CHECKED

COLUMN = {"x86_64": 0, "aarch64": 1}[platform.machine()]

ANSWERS = []
duplicate = os.dup
os.dup = lambda file: ANSWERS.append(duplicate(file)) or ANSWERS[-1]

def call(name, *arguments):
    return system_call({**ALLOWED, **ATTACKS, **CHECKED}[name][COLUMN], *arguments)

def attack(files, request, measures):
    names = {"os": os, "socket": socket, "mmap": mmap, "sys": sys, "call": call, "request": request, "found": {}, "answers": ANSWERS[-1]}
    try:
        exec(files.artifact, names)
    except OSError as error:
        names["found"]["error"] = errno.errorcode[error.errno]
    return {"status": "refused", "reason_code": "attacked", "facts": names["found"]}

trial.try_model = attack
"""

ATTACKED = ForkServer(_ATTACK + PROGRAM)
"""One for the tests of a process; it ends with it."""


async def attacked(
    folder: Path, code: str, confinement: Confinement = COMPLETE, *, seconds: int = 20, before: str = ""
) -> Evaluation | Refusal:
    """What the parent makes of a child in which this code ran, and `before` it was confined."""
    model, dataset = folder / "attack", folder / "rows"
    model.write_text(code)
    dataset.write_bytes(builders.labelled_rows())
    datasets = {"evaluation": DataFile(dataset, builders.sha256(dataset.read_bytes()))}
    trial = Trial(builders.plan(), "onnx", model, builders.sha256(code.encode()), datasets, {}, (), None, None)
    with nullcontext(ATTACKED) if not before else closing(ForkServer(_ATTACK + before + PROGRAM)) as children:
        return (await Sandbox(seconds, 512, children, probe=lambda: confinement).evaluate(trial)).finding


def found(**facts: object) -> Refusal:
    return Refusal("attacked", facts)
