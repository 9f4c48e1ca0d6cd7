"""The positions that a client has seen, so that no service answers from an earlier state.

Every write answers with `Placet-Position`; the highest of each source goes to every service as `Placet-Seen`. A command line
keeps them in a small file between commands, under a lock, as several commands may run at once.
"""

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ["Place", "Positions", "PositionsFile", "header_of"]

Place = tuple[int, int, str]  # epoch, position, and which event that is, as the service wrote it
Places = dict[str, Place]


def header_of(places: Mapping[str, Place]) -> str:
    """In the form of `Placet-Seen`."""
    written = ((source, (str(epoch), str(position), *([which] if which else []))) for source, (epoch, position, which) in places.items())
    return ", ".join(f"{source}:{':'.join(place)}" for source, place in sorted(written))


class Positions:
    """In memory only."""

    def __init__(self) -> None:
        self._places: Places = {}
        self._lock = threading.Lock()

    def all(self) -> Mapping[str, Place]:
        """The highest of each source."""
        return dict(self._places)

    def learn(self, text: str, before: Mapping[str, Place]) -> None:
        """Take a `Placet-Position`; `before` are the positions known when its request was sent.

        A source that answers a new write with a lower position than known before has lost data: the old position is forgotten.
        """
        source, place = _parsed(text)
        started_over = source in before and place[:2] <= before[source][:2]
        self._change(lambda known: {source: place} if started_over else {**known, source: max(place, known.get(source, place))})

    def forget(self) -> None:
        """All of it."""
        self._change(lambda _: {})

    def _change(self, change: Callable[[Places], Places]) -> None:
        with self._lock:
            self._places = change(self._places)


class PositionsFile(Positions):
    """The same, shared by all commands that use this file. Without a writable file they are kept in memory."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def all(self) -> Mapping[str, Place]:
        """The positions that this and other commands have seen."""
        try:
            return _places(self._path.read_text())
        except OSError:
            return super().all()

    def _change(self, change: Callable[[Places], Places]) -> None:
        try:
            with _locked(self._path) as opened:
                self._places = change(_places(opened.read()))
                opened.seek(0)
                opened.truncate()
                opened.write(json.dumps(self._places))
        except OSError:
            super()._change(change)


@contextmanager
def _locked(path: Path) -> Iterator[IO[str]]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield opened


def _places(text: str) -> Places:
    """An unreadable file counts as empty: the file only saves a wait."""
    try:
        kept = {str(source): tuple(place) for source, place in json.loads(text or "{}").items()}
        return {source: (int(place[0]), int(place[1]), str(place[2]) if len(place) > 2 else "") for source, place in kept.items()}
    except (ValueError, TypeError, AttributeError, IndexError):
        return {}


def _parsed(text: str) -> tuple[str, Place]:
    source, epoch, position, *which = text.split(":")
    return source, (int(epoch), int(position), ":".join(which))
