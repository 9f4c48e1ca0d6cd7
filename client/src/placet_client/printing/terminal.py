"""What a stream leads to: a terminal of some width, or a pipe or file, where nothing is coloured and no line is folded."""

import os
import sys
from typing import IO

from rich.console import Console

__all__ = ["console", "is_terminal", "width_of"]

WIDTH_OF_UNKNOWN_TERMINAL = 80
NARROWEST = 20


def is_terminal() -> bool:
    """Whether a person reads standard output as it is printed."""
    return sys.stdout.isatty()


def width_of(stream: IO[str]) -> int | None:
    """Columns of the terminal, or COLUMNS where it is set; None for a pipe or a file, which have no width."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return max(int(columns), NARROWEST)
    if not stream.isatty():
        return None
    try:
        return max(os.get_terminal_size(stream.fileno()).columns or WIDTH_OF_UNKNOWN_TERMINAL, NARROWEST)
    except (OSError, ValueError):
        return WIDTH_OF_UNKNOWN_TERMINAL


def console(stream: IO[str]) -> Console:
    """It colours on terminals only, and not where NO_COLOR is set; lines come to it as they are to stand."""
    return Console(file=stream, highlight=False, emoji=False, markup=False, soft_wrap=True)
