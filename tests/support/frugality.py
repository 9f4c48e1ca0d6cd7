"""How a run spares the machine: temporary files in memory where there is plenty of it, modules compiled once and not in every process,
and garbage that is looked for where there can be some.
"""

import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

__all__ = ["compile_once", "keep_temporary_files_in_memory", "without_collections"]

MEMORY = Path("/dev/shm")
GIB = 1024**3
PLENTY = 4 * GIB
# New objects between two collections: as many as a serving process waits for, and not the 700 of a small script.
GARBAGE_THRESHOLD = 10_000


def keep_temporary_files_in_memory() -> None:
    """Databases and brokers come and go by the hundred, and none has to outlive the machine; `TMPDIR` says where they are otherwise."""
    if "TMPDIR" not in os.environ and _is_roomy(MEMORY):
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def _is_roomy(folder: Path) -> bool:
    """A container's is small, and mounted so that nothing in it can be executed; other systems have none."""
    if not os.access(folder, os.W_OK | os.X_OK) or os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return False
    return psutil.disk_usage(str(folder)).free >= PLENTY and psutil.virtual_memory().available >= PLENTY


def compile_once(cache: Path) -> None:
    """Where no bytecode is to be written beside the modules, it is kept in `cache`: a service would compile for longer than it starts."""
    if sys.dont_write_bytecode and sys.pycache_prefix is None:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(cache)
        sys.dont_write_bytecode = False


@contextmanager
def without_collections() -> Iterator[None]:
    """For a block that makes many objects which stay; afterwards the collector leaves alone what is there, and comes less often.

    Eight thousand tests and what they import are a heap that is looked through in vain again and again.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(GARBAGE_THRESHOLD, 10, 10)
        gc.enable()
