"""The lock of a data folder: one supervisor at a time, released by the system even when its holder is killed."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from placet.embedded.problems import FolderInUse

__all__ = ["hold_folder"]


@contextmanager
def hold_folder(lock: Path) -> Iterator[None]:
    """Hold `lock` for the length of the block; raises FolderInUse naming the holder's pid.

    The file stays: removing it would let two processes lock two files of the same name.
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(lock.parent, _holder(descriptor)) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _holder(descriptor: int) -> int | None:
    text = os.pread(descriptor, 32, 0).strip()
    return int(text) if text.isdigit() else None
