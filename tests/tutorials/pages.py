"""What a reader of a page types, block by block, and what the page says is answered."""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DOCS", "Step", "missing", "plain_words", "steps"]

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.+)$", re.MULTILINE)
CHANGES = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{64}\b|\b(?=[a-f]*\d)[0-9a-f]{12}\b"
    r"|\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\S*|[a-z]+:\d+:\d+|index \d+;?|http://127\.0\.0\.1:\d+|concerns .*"
)


@dataclass(frozen=True, slots=True)
class Step:
    """A block, or a command of a `console` block; `shown` is what the page says that it prints."""

    code: str
    shown: str | None = None


def steps(page: Path) -> Iterator[Step]:
    """In order. A block with `file=` is written to that file; Python, `sh` and `console` blocks are run; others are there to be read."""
    for language, file, text in BLOCK.findall(page.read_text()):
        if file:
            yield Step(f"printf %s {shlex.quote(text)} > {shlex.quote(file)}")
        elif language == "python":
            yield Step(f"python -c {shlex.quote(text)}")
        elif language == "sh":
            yield Step(text)
        elif language == "console":
            begin, *pieces = COMMAND.split(text)
            assert not begin.strip(), f"{page.name}: a console block begins with `$ `, and this one with {begin}"
            yield from map(Step, pieces[::2], pieces[1::2])


def plain_words(text: str) -> Sequence[str]:
    """Without ids, digests, times, positions, addresses, and the models that other tests registered; `…` stands for all of these."""
    return CHANGES.sub("…", text).split()


def missing(shown: str, said: str) -> Sequence[str]:
    """The lines that were shown and not said: the words of each must be said in this order. How wide columns are is no fact, and a `…`
    leaves something out."""
    words = plain_words(said)
    return [line for line in shown.splitlines() if not _in_order([word for word in plain_words(line) if word != "…"], words)]


def _in_order(some: Sequence[str], words: Sequence[str]) -> bool:
    rest = iter(words)
    return all(word in rest for word in some)
