"""The name that was meant by one that is unknown."""

import difflib
from collections.abc import Iterable
from typing import Any

__all__ = ["did_you_mean", "one_of"]

NEARNESS = 0.6
"""Of `difflib`'s ratio: one wrong or missing letter in a short word, two or three in a long one."""


def did_you_mean(given: Any, known: Iterable[str]) -> str:
    """A question with the nearest of the known names, or nothing."""
    by_lower = {name.lower(): name for name in known}
    # The ratio takes quadratic time, and a caller chooses the length.
    near = difflib.get_close_matches(given.lower(), by_lower, 1, NEARNESS) if isinstance(given, str) and len(given) <= 100 else []
    return f"did you mean `{by_lower[near[0]]}`?" if near and by_lower[near[0]] != given else ""


def one_of(given: Any, known: Iterable[str]) -> str:
    """All that is allowed, and which of them was meant where that can be seen."""
    names = list(known)
    question = did_you_mean(given, names)
    return f"one of {', '.join(names)}{f'; {question}' if question else ''}"
