"""Lines of the log files that `placet up` writes: with their times, in the order of all files, and as they arrive."""

import heapq
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from placet_shared.log_files import older_files

__all__ = ["LogLine", "Tail", "lines_of", "merged"]

OF_POSTGRES = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d+) UTC ")
SHOWN_APART = ("time", "level", "logger", "message", "service")
JUST_BEGUN = 1 << 20
BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class LogLine:
    """A line of a process; one that has no time of its own (of a traceback, say) has that of the line before it."""

    at: datetime
    process: str
    raw: str = field(compare=False)

    def members(self) -> dict[str, Any]:
        """Of the JSON object that it is; any other line is the message of its process."""
        try:
            said = json.loads(self.raw)
        except (ValueError, RecursionError):
            said = None
        return said if isinstance(said, dict) and "message" in said else {"process": self.process, "message": self.raw}

    def in_words(self) -> str:
        """`07:17:48 audit info listening port=18404`; what is no JSON stays as it is."""
        said = self.members()
        if "level" not in said:
            return f"{self.process}  {self.raw}"
        more = {**{name: value for name, value in said.items() if name not in (*SHOWN_APART, "extra")}, **_extra(said)}
        rest = "".join(f" {name}={value}" for name, value in more.items())
        return f"{self.at:%Y-%m-%d %H:%M:%S}  {self.process}  {said.get('level', '')}  {said['message']}{rest}"


def lines_of(log: Path, since: datetime | None) -> Iterator[LogLine]:
    """Those of a log file in their order, and before them those of the newest that was put aside where the file has only just begun.

    With `since`, those of all that were put aside, and only from then on.
    """
    older = list(older_files(log))
    at = BEGINNING
    for file in (*(older if since else older[-1:] if _has_just_begun(log) else ()), log):
        try:
            with file.open(encoding="utf-8", errors="replace") as opened:
                for raw in opened:
                    at = _time_of(raw) or at
                    if since is None or at >= since:
                        yield LogLine(at, log.stem, raw.rstrip("\n"))
        except FileNotFoundError:
            continue


def _has_just_begun(log: Path) -> bool:
    try:
        return log.stat().st_size < JUST_BEGUN
    except FileNotFoundError:
        return True


def merged(logs: Sequence[Path], since: datetime | None) -> Iterator[LogLine]:
    """Lines of all in the order of their times; those of one file keep their order."""
    return heapq.merge(*(lines_of(log, since) for log in logs), key=lambda line: line.at)


class Tail:
    """What is added to a log file from now on, also when it is put aside meanwhile and another takes its name."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._at = datetime.now(UTC)
        self._file: TextIO | None = None
        self._begun = ""
        self._open(at_end=True)

    def new_lines(self) -> Iterator[LogLine]:
        """Whole lines since the last call."""
        yield from self._read()
        if self._was_replaced():
            yield from self._read()  # what was written before the file was put aside
            self._open(at_end=False)
            yield from self._read()

    def close(self) -> None:
        """Of no use afterwards."""
        if self._file:
            self._file.close()

    def _read(self) -> Iterator[LogLine]:
        while self._file and (text := self._file.readline()):
            self._begun += text
            if text.endswith("\n"):
                raw, self._begun = self._begun.rstrip("\n"), ""
                self._at = _time_of(raw) or self._at
                yield LogLine(self._at, self._log.stem, raw)

    def _was_replaced(self) -> bool:
        try:
            now = self._log.stat()
        except FileNotFoundError:
            return False
        if self._file is None:
            return True
        known = os.fstat(self._file.fileno())
        return (known.st_dev, known.st_ino) != (now.st_dev, now.st_ino) or now.st_size < self._file.tell()

    def _open(self, *, at_end: bool) -> None:
        self.close()
        try:
            self._file = self._log.open(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            self._file = None
            return
        self._begun = ""
        if at_end:
            self._file.seek(0, 2)


def _time_of(raw: str) -> datetime | None:
    if raw.startswith("{"):
        try:
            return datetime.fromisoformat(json.loads(raw)["time"])
        except (ValueError, KeyError, TypeError):
            return None
    if found := OF_POSTGRES.match(raw):
        return datetime.fromisoformat(f"{found[1]}T{found[2]}+00:00")
    return None


def _extra(said: dict[str, Any]) -> dict[str, Any]:
    extra = said.get("extra")
    return extra if isinstance(extra, dict) else {}
