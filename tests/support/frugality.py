"""How a run spares the machine: temporary files in memory where there is plenty of it, modules compiled once and not in every process."""

import os
import sys
import tempfile
from pathlib import Path

import psutil

__all__ = ["compile_once", "keep_temporary_files_in_memory"]

MEMORY = Path("/dev/shm")
GIB = 1024**3
PLENTY = 4 * GIB


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
