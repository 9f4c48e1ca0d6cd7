"""Drops the child's privileges before it reads untrusted bytes.

1. `give_up_privileges`, before libraries are imported: no new privileges, no core dump, no files, a bound on processor time,
   and death together with the parent.
2. `give_up_growth`, after they are imported: memory beyond what they took, further descriptors, further processes.
"""

import ctypes
import os
import resource
import signal
import sys

__all__ = ["give_up_growth", "give_up_privileges"]

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_OPEN_FILES = 32


def give_up_privileges(cpu_seconds: int, parent: int) -> None:
    """Step 1. OSError where the kernel refuses; SystemExit when the parent has died before it could be asked for."""
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            raise SystemExit("the parent is gone already")
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        _prctl(_PR_SET_DUMPABLE, 0)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_CPU, cpu_seconds)
    # one thread: results do not depend on how additions are spread, and no thread is wanted after step 2
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"


def give_up_growth(memory_bytes: int) -> None:
    """Step 2. The address space may grow by `memory_bytes` from where it is now."""
    _lower(resource.RLIMIT_AS, _address_space() + memory_bytes)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    # the kernel does not apply this limit to root, and for other users counts all their processes: no further one may begin
    _lower(resource.RLIMIT_NPROC, 0)


def _lower(limit: int, value: int) -> None:
    hard = resource.getrlimit(limit)[1]
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (bound, bound))


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}) was refused")


def _address_space() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
