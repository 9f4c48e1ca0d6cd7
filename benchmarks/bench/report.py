"""Rounds of all contestants in turn, so that a busy moment of the machine meets all of them; medians as a table and as JSON."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.measuring import Contestant, Figure

__all__ = ["Result", "print_table", "run_rounds", "write_json"]


@dataclass(frozen=True, slots=True)
class Result:
    """Medians of one contestant over the rounds; `ratio` is to the yardstick of the same round, with its range."""

    name: str
    concurrent: int
    per_second: float
    p50_ms: float
    p99_ms: float
    ratio: float
    ratio_lowest: float
    ratio_highest: float


async def run_rounds(contestants: Sequence[Contestant], yardstick: Contestant, rounds: int, seconds: float) -> list[Result]:
    """One result each, in the order given; `yardstick` is one of them."""
    measured: dict[Contestant, list[Figure]] = {contestant: [] for contestant in contestants}
    for _ in range(rounds):
        for contestant in contestants:
            measured[contestant].append(await contestant.measure(seconds))
    return [_result(contestant, figures, measured[yardstick]) for contestant, figures in measured.items()]


def _result(contestant: Contestant, figures: Sequence[Figure], yardstick: Sequence[Figure]) -> Result:
    ratios = [one.per_second / other.per_second for one, other in zip(figures, yardstick, strict=True) if other.per_second]
    return Result(
        contestant.name,
        contestant.concurrent,
        round(statistics.median(figure.per_second for figure in figures), 1),
        round(statistics.median(figure.p50_ms for figure in figures), 2),
        round(statistics.median(figure.p99_ms for figure in figures), 2),
        round(statistics.median(ratios), 2),
        round(min(ratios), 2),
        round(max(ratios), 2),
    )


def print_table(title: str, unit: str, results: Sequence[Result]) -> None:
    """For people; the range of the ratio over the rounds stands behind it."""
    width = max(len(result.name) for result in results)
    print(f"\n{title}\n{_machine()}\n")
    print(f"{'':{width}}  at once  {unit + '/s':>11}  p50 ms  p99 ms   ratio")
    for one in results:
        span = f"({one.ratio_lowest:.2f} to {one.ratio_highest:.2f})"
        numbers = f"{one.concurrent:>7}  {one.per_second:>11,.0f}  {one.p50_ms:>6.2f}  {one.p99_ms:>6.2f}  {one.ratio:>6.2f}  {span}"
        print(f"{one.name:{width}}  {numbers}")


def write_json(path: Path, unit: str, results: Sequence[Result]) -> None:
    """For machines."""
    document = {"machine": _machine(), "unit": f"{unit}/s", "results": [asdict(result) for result in results]}
    path.write_text(json.dumps(document, indent=2) + "\n")


def _machine() -> str:
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {system}, load {os.getloadavg()[0]:.1f} at the end"
