"""Files of this machine: their SHA-256, and how much of one was read."""

import hashlib
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any

from placet_client.progress import OnRead

__all__ = ["PART", "opened", "sha256_of"]

PART = 1 << 18


def sha256_of(file: Path, on_read: OnRead | None = None) -> str:
    """Hexadecimal; the file is read once, never as a whole."""
    with opened(file, on_read) as reading:
        return hashlib.file_digest(reading, "sha256").hexdigest()


def opened(file: Path, on_read: OnRead | None = None) -> BufferedReader:
    """The file's bytes; `on_read` is told how many were read, each time."""
    return BufferedReader(_Counted(file, on_read) if on_read else FileIO(file), PART)


class _Counted(FileIO):
    """Tells of each read."""

    def __init__(self, file: Path, on_read: OnRead) -> None:
        super().__init__(file)
        self._on_read = on_read

    def readinto(self, buffer: Any) -> int | None:
        count = super().readinto(buffer)
        if count:
            self._on_read(count)
        return count
