"""Breaks text into lines at words and wide characters; never within an id, a digest or a command, so that they can be copied."""

import re
from collections.abc import Iterator

from rich.cells import cell_len

__all__ = ["widest_word", "wrapped", "wrapped_message"]

# A command that a message ends with is one word: typed half, it would do something else.
COMMAND = re.compile(r"(?<=: )placet [a-z].*$")
WORD = re.compile(r"`(?:placet|make) [^`]*`\S*|\S+")
BULLET = re.compile(r" *(?:[→•] )?")


def wrapped(text: str, width: int) -> Iterator[str]:
    """Lines of at most `width` cells; a word that is longer has a line of its own."""
    for line in text.split("\n"):
        yield from [line] if cell_len(line) <= width else _filled(line, width)


def wrapped_message(line: str, width: int) -> str:
    """A line with its indentation under its first word."""
    bullet = BULLET.match(line)
    start = bullet.group() if bullet else ""
    lines = wrapped(line[len(start) :], max(width - cell_len(start), 1))
    return f"\n{' ' * cell_len(start)}".join([start + next(lines), *lines])


def widest_word(text: str) -> int:
    """The width below which text can't be wrapped."""
    return max((cell_len(piece) for word in WORD.findall(text) for piece in _pieces(word)), default=0)


def _filled(line: str, width: int) -> Iterator[str]:
    filled, used = "", 0
    for glue, piece in _glued(line, width):
        wide = cell_len(piece)
        if filled and used + len(glue) + wide > width:
            yield filled
            filled, used = piece, wide
        else:
            filled, used = filled + (glue if filled else "") + piece, used + (len(glue) if filled else 0) + wide
    yield filled


def _glued(line: str, width: int) -> Iterator[tuple[str, str]]:
    """Words, each with what stands before it; only one that is too wide is taken apart."""
    command = COMMAND.search(line)
    words = WORD.findall(line[: command.start()] if command else line)
    for word in words:
        first, *others = [word] if cell_len(word) <= width else _pieces(word)
        yield " ", first
        yield from (("", piece) for piece in others)
    if command:
        yield " ", command.group().rstrip()


def _pieces(word: str) -> list[str]:
    """The parts of a word between wide characters, where Chinese, Japanese and Korean are broken; what combines stays together."""
    if word.isascii():
        return [word]
    pieces = [""]
    after_wide = False
    for character in word:
        wide = cell_len(character)
        if (after_wide or wide > 1) and wide > 0 and pieces[-1]:
            pieces.append("")
        pieces[-1] += character
        after_wide = wide > 1 or (after_wide and wide == 0)
    return pieces
