"""The time of the first `make run` in a fresh clone: with an empty package cache, and with a full one.

It installs from wherever pip gets its packages here, so `make bench` leaves it out; run it by itself.
"""

import asyncio
import os
import subprocess
import tempfile
from pathlib import Path

from bench.installation import data_folder, up
from bench.options import read_options
from bench.report import Rows, print_rows, write_tables

ROOT = Path(__file__).resolve().parents[1]


def first_run(cache: str) -> float:
    """Seconds from `make run` to ready, the clone not counted."""
    with tempfile.TemporaryDirectory(prefix="placet-clone-") as clone, data_folder() as folder:
        Path(clone).chmod(0o711)
        subprocess.run(["git", "-c", "safe.directory=*", "clone", "--quiet", ROOT, f"{clone}/placet"], check=True)
        os.environ["PIP_CACHE_DIR"] = cache
        return asyncio.run(started(folder, Path(clone, "placet")))


async def started(folder: Path, clone: Path) -> float:
    """And stopped again."""
    async with up(folder, ("make", "run"), clone) as installed:
        return installed.seconds


def main() -> None:
    """Run, print, and write JSON when asked."""
    options = read_options(__doc__)
    with tempfile.TemporaryDirectory(prefix="placet-cache-") as cache:
        taken = [[name, round(first_run(cache), 1)] for name in ("with an empty package cache", "with a full one")]
    rows = Rows("From the first `make run` in a fresh clone to ready", ["", "seconds"], taken)
    print_rows(rows)
    write_tables(options.json, [], [rows])


if __name__ == "__main__":
    main()
