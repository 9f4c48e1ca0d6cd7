"""A minimal deployment pipeline: a process that waits with `placet wait` and continues after a yes."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from placet_client.answers.registry import Version

__all__ = ["waiting_pipeline"]

WAIT_SECONDS = "300"


@contextmanager
def waiting_pipeline(
    model: str, version: Version, where: str, data_dir: Path, environment: Mapping[str, str] = os.environ
) -> Iterator[subprocess.Popen[str]]:
    """`placet wait MODEL NUMBER --environment WHERE --as ci`, ended with the block if it still waits."""
    words = ["wait", model, str(version.number), "--environment", where, "--timeout", WAIT_SECONDS, "--as", "ci"]
    process = subprocess.Popen(
        [sys.executable, "-m", "placet", *words],
        env={**environment, "PLACET_DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait()
        if process.stdout:
            process.stdout.close()
