"""Drops the child's privileges before it reads untrusted bytes.

0. `give_up_privileges_of_server`, once, before libraries are imported and children forked: no new privileges, no tracing.
1. `give_up_privileges`: the same once more, no core dump, no files, a bound on processor time, and death together with the parent.
2. `give_up_growth`, after all imports: memory beyond what they took, further descriptors, further processes.
3. `confine`, last: Landlock, then seccomp. No later import succeeds, so everything that a trial needs is imported before.
"""

import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from placet_verification.adapters.evaluation import landlock, seccomp
from placet_verification.adapters.evaluation.kernel import prctl
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["Confinement", "confine", "give_up_growth", "give_up_privileges", "give_up_privileges_of_server", "offered"]

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_PR_GET_NO_NEW_PRIVS = 39
_OPEN_FILES = 32


@dataclass(frozen=True, slots=True)
class Confinement:
    """What confines a child: `landlock` is the kernel's ABI, 0 without."""

    no_new_privs: bool
    landlock: int
    seccomp: bool

    def record(self) -> dict[str, Any]:
        """Its form in a result's `sandbox`."""
        return {"no_new_privs": self.no_new_privs, "landlock": self.landlock or False, "seccomp": self.seccomp}


def offered() -> Confinement:
    """What the kernel under this process offers."""
    if sys.platform != "linux":
        return Confinement(no_new_privs=False, landlock=0, seccomp=False)
    return Confinement(no_new_privs=True, landlock=landlock.offered_abi(), seccomp=seccomp.is_offered())


def give_up_privileges_of_server() -> None:
    """Step 0. What it forks inherits all of it. OSError where the kernel refuses."""
    _bar_privileges()
    # one thread: results do not depend on how additions are spread, and a process with several can't fork safely
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"


def give_up_privileges(cpu_seconds: int, parent: int) -> None:
    """Step 1. OSError where the kernel refuses; SystemExit when the parent has died before it could be asked for."""
    if sys.platform == "linux":
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            raise SystemExit("the parent is gone already")
    _bar_privileges()
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_CPU, cpu_seconds)


def give_up_growth(memory_bytes: int) -> None:
    """Step 2. The address space may grow by `memory_bytes` from where it is now."""
    _lower(resource.RLIMIT_AS, _address_space() + memory_bytes)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    # the kernel does not apply this limit to root, and for other users counts all their processes: no further one may begin
    _lower(resource.RLIMIT_NPROC, 0)


def confine(wanted: Confinement) -> Confinement:
    """Step 3. What was applied, which is all of `wanted`; raises `Refused` with what could not be."""
    if wanted.landlock:
        _apply("landlock", _one_thread)
        _apply("landlock", lambda: landlock.restrict_self(wanted.landlock))
    no_new_privs = sys.platform == "linux" and prctl(_PR_GET_NO_NEW_PRIVS) == 1
    if wanted.seccomp:
        _apply("seccomp", seccomp.restrict_self)
    return Confinement(no_new_privs, wanted.landlock, wanted.seccomp)


def _bar_privileges() -> None:
    """No program that runs later gains any, and no process without them traces this one."""
    if sys.platform == "linux":
        prctl(_PR_SET_NO_NEW_PRIVS, 1)
        prctl(_PR_SET_DUMPABLE, 0)


def _apply(what: str, step: Callable[[], None]) -> None:
    try:
        step()
    except (OSError, KeyError) as error:
        raise Refused("confinement_failed", what=what, error=str(error)) from error


def _one_thread() -> None:
    """Landlock restricts the thread that asks; another one would stay free."""
    if (threads := len(os.listdir("/proc/self/task"))) != 1:
        raise OSError(f"there are {threads} threads")


def _lower(limit: int, value: int) -> None:
    hard = resource.getrlimit(limit)[1]
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (bound, bound))


def _address_space() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
