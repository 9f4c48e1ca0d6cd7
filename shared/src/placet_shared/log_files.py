"""The log file that a process's output leads to: put aside by the process itself when it has grown large, between two lines.

A line is in one file, whole: it is written by one call, and the next one goes to the new file. Whenever the process is killed, what it
wrote is in one of the files. A file that was moved away meanwhile is made again, and one that was truncated is written from its beginning.
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TextIO

__all__ = ["LogFileHandler", "older_files", "put_aside"]

OUTPUT, ERRORS = 1, 2


class LogFileHandler(logging.StreamHandler[TextIO]):
    """Writes to standard error, which it leads to `file`; `largest` is in bytes, `kept` the number of files that were put aside."""

    def __init__(self, file: Path, largest: int, kept: int) -> None:
        super().__init__(sys.stderr)
        self._file = file
        self._largest = largest
        self._kept = kept
        self._keep_to_the_file()

    def emit(self, record: logging.LogRecord) -> None:
        """The line first, so that nothing that goes wrong with files can lose it; other threads wait for the handler's lock."""
        super().emit(record)
        self._keep_to_the_file()

    def _keep_to_the_file(self) -> None:
        with suppress(OSError):  # it goes on with the file that it has, and tries again after the next line
            leads_to = os.fstat(ERRORS)
            if _is_at(self._file, leads_to):
                if leads_to.st_size < self._largest:
                    return
                put_aside(self._file, self._kept)
            _lead_to(self._file)


def put_aside(log: Path, kept: int) -> None:
    """Move a log to `<log>.1`, the one before to `.2`, and so on; the oldest goes."""
    for number in range(kept - 1, 0, -1):
        with suppress(FileNotFoundError):
            _numbered(log, number).rename(_numbered(log, number + 1))
    log.rename(_numbered(log, 1))


def older_files(log: Path) -> Iterator[Path]:
    """Those that were put aside, the oldest first."""
    numbers = (file.name.removeprefix(f"{log.name}.") for file in log.parent.glob(f"{log.name}.*"))
    yield from (_numbered(log, number) for number in sorted((int(text) for text in numbers if text.isdecimal()), reverse=True))


def _numbered(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")


def _is_at(file: Path, found: os.stat_result) -> bool:
    try:
        return os.path.samestat(file.stat(), found)
    except FileNotFoundError:
        return False


def _lead_to(file: Path) -> None:
    """Standard error, and standard output where it led to the same place."""
    together = os.path.samestat(os.fstat(OUTPUT), os.fstat(ERRORS))
    opened = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        for descriptor in (OUTPUT, ERRORS) if together else (ERRORS,):
            os.dup2(opened, descriptor)
    finally:
        os.close(opened)
