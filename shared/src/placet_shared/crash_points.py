"""Named points at which a test lets this process die as by `kill -9`, or stop as by `kill -STOP`.

`PLACET_CRASH_AT=writer.before_commit:3` dies when that point is passed the third time; `PLACET_STOP_AT` stops there.
"""

import os
import signal
from functools import cache

__all__ = ["passing"]


class _Point:
    """A point and how often it is still to be passed."""

    def __init__(self, variable: str, sent: signal.Signals) -> None:
        self.name, _, times = os.environ.get(variable, "").partition(":")
        self.left = int(times or 1)
        self.sent = sent


@cache
def _points() -> tuple[_Point, ...]:
    """Read when the first point is passed: a process that was forked has an environment of its own by then."""
    return _Point("PLACET_CRASH_AT", signal.SIGKILL), _Point("PLACET_STOP_AT", signal.SIGSTOP)


def passing(name: str) -> None:
    """Go on, unless this is the point and the time."""
    for point in _points():
        if name == point.name:
            point.left -= 1
            if point.left == 0:
                os.kill(os.getpid(), point.sent)
