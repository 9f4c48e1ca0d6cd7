"""Shows how far the work on a large file is: one line on standard error of a terminal, which is gone afterwards."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from rich.console import Console

from placet_client.printing.form import Form, printed
from placet_client.printing.terminal import width_of
from placet_client.printing.words import plain
from placet_client.progress import OnProgress, Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Line

__all__ = ["file_progress"]

SHOWN_AFTER = 0.5
"""Seconds: what is done sooner needs no line."""
WIDE = 72
NARROW = 40


@contextmanager
def file_progress(stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> Iterator[OnProgress | None]:
    """What a client's `on_progress` is during a command: None for a pipe, a document and under `--quiet`."""
    stream = stream or sys.stderr
    if printed().names_only or printed().form is not Form.TABLE or not stream.isatty():
        yield None
        return
    shown = _FileProgress(stream, clock)
    try:
        yield shown.tell
    finally:
        shown.end()


class _FileProgress:
    """One piece of work after the other."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock
        self._last: Progress | None = None
        self._since = 0.0
        self._line: Line | None = None

    def tell(self, now: Progress) -> None:
        last, self._last = self._last, now
        if last is None or (now.stage, now.file) != (last.stage, last.file) or now.done < last.done:
            self.end()
            self._last, self._since = now, self._clock()
        elif self._line is None and self._clock() - self._since >= SHOWN_AFTER:
            self._line = _line(self._stream, last)
        if self._line:
            self._line.update(self._line.task_ids[0], completed=now.done)
        if now.done == now.total:
            self.end()

    def end(self) -> None:
        """The line is removed, and the cursor stands where it began."""
        self._last = None
        if self._line:
            self._line.stop()
            self._line = None


def _line(stream: TextIO, at: Progress) -> "Line":
    """With the file's name and a bar where there is room; a narrow terminal has the part, and the time that is left."""
    from rich import progress as parts  # only large files need it, and it takes a while to load

    width = width_of(stream) or WIDE
    is_wide = width >= WIDE
    what = f"{at.stage} {plain(at.file.name)[: width // 3]}" if is_wide else at.stage
    bytes_ = (parts.DownloadColumn(), parts.TransferSpeedColumn())
    line = parts.Progress(
        parts.TextColumn("{task.description}", markup=False),
        *((parts.BarColumn(bar_width=None),) if is_wide else ()),
        *(bytes_ if width >= NARROW else (parts.TaskProgressColumn(),)),
        parts.TimeRemainingColumn(compact=True),
        console=Console(file=stream, width=width),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        expand=is_wide,
    )
    line.start()
    line.add_task(what, total=at.total, completed=at.done)
    return line
