"""Shares of a profile's time by part of the program, from the file in which a function is."""

import cProfile
import pstats
from collections import defaultdict
from collections.abc import Mapping

__all__ = ["shares"]

OTHERS = "Python: tasks, futures, all else"


def shares(profile: cProfile.Profile, parts: Mapping[str, str]) -> Mapping[str, float]:
    """Largest first. `parts` names what belongs to a part of a file's path; what none names is Python itself, asyncio above all."""
    spent: defaultdict[str, float] = defaultdict(float)
    for (file, _, _), (_, _, own, _, callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if file != "~":
            spent[_part(file, parts)] += own
            continue
        for (calling, _, _), (_, _, of_builtin, _) in callers.items():  # a builtin's time counts for its caller
            spent[_part(calling, parts)] += of_builtin
    whole = sum(spent.values())
    return {part: spent[part] / whole for part in sorted(spent, key=lambda part: -spent[part])}


def _part(file: str, parts: Mapping[str, str]) -> str:
    return next((part for place, part in parts.items() if place in file), OTHERS)
