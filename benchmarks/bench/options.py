"""The command-line options of every benchmark."""

import argparse
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Options", "read_options"]


@dataclass(frozen=True, slots=True)
class Options:
    """How often and how long; `quick` is a smoke run whose figures mean nothing."""

    quick: bool
    rounds: int
    seconds: float
    json: Path | None


def read_options(description: str | None, *, rounds: int = 5, seconds: float = 1.0) -> Options:
    """From the command line; `rounds` and `seconds` are the defaults."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="a smoke run of a few seconds; its figures mean nothing")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--seconds", type=float, default=seconds, help="for each contestant in each round")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    asked = parser.parse_args()
    if asked.quick:
        return Options(True, 1, 0.4, asked.json)
    return Options(False, asked.rounds, asked.seconds, asked.json)
