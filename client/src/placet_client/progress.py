"""How far the work on a file is, for programs that show it: `on_progress` of both clients is called with each part of the work."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

__all__ = ["OnProgress", "OnRead", "Progress", "Stage", "counting"]

Stage: TypeAlias = Literal["reading", "hashing", "sending"]


@dataclass(frozen=True, slots=True)
class Progress:
    """So many bytes of a file were read, hashed or sent. `done` is `total` once, at the end; of sending, when the service has answered.

    `done` gets smaller when a connection was lost and the whole file is sent again.
    """

    stage: Stage
    file: Path
    done: int
    total: int


OnProgress: TypeAlias = Callable[[Progress], None]
"""Called after each part of a file, some hundred kilobytes, by the thread that reads it: it must not take long."""

OnRead: TypeAlias = Callable[[int], None]
"""Called with the number of bytes that were read."""


def counting(stage: Stage, file: Path, tell: OnProgress | None) -> OnRead | None:
    """What adds up the bytes of a file and tells it; None where it is told to no caller. A file without a byte is told of never."""
    if tell is None:
        return None
    total, done = file.stat().st_size, 0

    def on_read(count: int) -> None:
        nonlocal done
        done = min(done + count, total)
        tell(Progress(stage, file, done, total))

    return on_read
