"""Rounds of all contestants in turn, so that a busy moment of the machine affects all of them; medians as tables and as JSON."""

import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from bench.machine import describe_machine, in_words
from bench.measuring import Contestant, Figure

__all__ = [
    "Result",
    "Rows",
    "Table",
    "compared",
    "measure_rounds",
    "print_rows",
    "print_table",
    "print_tables",
    "run_rounds",
    "write_json",
    "write_tables",
]

Measure = Literal["per_second", "p99_ms"]


@dataclass(frozen=True, slots=True)
class Result:
    """Medians of one contestant over the rounds; `ratio` is to the yardstick of the same round, with its range.

    `syncs` are fsyncs of the server's WAL for each thousand pieces of work, where they were counted.
    """

    name: str
    concurrent: int
    per_second: float
    p50_ms: float
    p99_ms: float
    ratio: float
    ratio_lowest: float
    ratio_highest: float
    syncs: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`unit` is what is counted; `ratio_of` says whether the ratios are of rates or of p99."""

    title: str
    unit: str
    results: Sequence[Result]
    ratio_of: Measure = "per_second"


@dataclass(frozen=True, slots=True)
class Rows:
    """Figures without a yardstick, measured once; the first column names the row."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | float]]


Measured = Mapping[Contestant, Sequence[Figure]]


async def run_rounds(
    contestants: Sequence[Contestant], yardstick: Contestant, rounds: int, seconds: float, ratio_of: Measure = "per_second"
) -> list[Result]:
    """One result each, in the order given; `yardstick` is one of them."""
    return compared(await measure_rounds(contestants, rounds, seconds), contestants, yardstick, ratio_of)


async def measure_rounds(contestants: Sequence[Contestant], rounds: int, seconds: float) -> Measured:
    """All contestants in turn, round after round."""
    measured: dict[Contestant, list[Figure]] = {contestant: [] for contestant in contestants}
    for _ in range(rounds):
        for contestant in contestants:
            measured[contestant].append(await contestant.measure(seconds))
    return measured


def compared(
    measured: Measured, contestants: Sequence[Contestant], yardstick: Contestant, ratio_of: Measure = "per_second"
) -> list[Result]:
    """Some of the measured contestants, beside one of them."""
    return [_result(contestant, measured[contestant], measured[yardstick], ratio_of) for contestant in contestants]


def _result(contestant: Contestant, figures: Sequence[Figure], yardstick: Sequence[Figure], ratio_of: Measure) -> Result:
    pairs = [(getattr(one, ratio_of), getattr(other, ratio_of)) for one, other in zip(figures, yardstick, strict=True)]
    ratios = [one / other for one, other in pairs if other] or [0.0]
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


def print_tables(tables: Sequence[Table]) -> None:
    """One after the other."""
    for table in tables:
        print_table(table.title, table.unit, table.results)


def print_table(title: str, unit: str, results: Sequence[Result]) -> None:
    """For people; the range of the ratio over the rounds stands behind it."""
    width = max(len(result.name) for result in results)
    print(f"\n{title}\n")
    print(f"{'':{width}}  at once  {unit + '/s':>11}  p50 ms  p99 ms   ratio")
    for one in results:
        span = f"({one.ratio_lowest:.2f} to {one.ratio_highest:.2f})"
        numbers = f"{one.concurrent:>7}  {one.per_second:>11,.0f}  {one.p50_ms:>6.2f}  {one.p99_ms:>6.2f}  {one.ratio:>6.2f}  {span}"
        syncs = "" if one.syncs is None else f"  {one.syncs:,.0f} syncs a thousand"
        print(f"{one.name:{width}}  {numbers}{syncs}")


def write_json(path: Path, unit: str, results: Sequence[Result], title: str = "") -> None:
    """One table for machines."""
    write_tables(path, [Table(title, unit, results)])


def print_rows(table: Rows) -> None:
    """For people."""
    print(f"\n{table.title}\n")
    lines = [[str(cell) for cell in row] for row in (table.columns, *table.rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(table.columns))]
    for first, *others in lines:
        print("  ".join([first.ljust(widths[0]), *[cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]]))


def write_tables(path: Path | None, tables: Sequence[Table], rows: Sequence[Rows] = (), **further: Any) -> None:
    """Print the machine, and with a path write all as JSON: the tables, and other figures under names of their own."""
    machine = describe_machine()
    print(f"\n{in_words(machine)}")
    if path is None:
        return
    command = " ".join(["benchmarks/" + Path(sys.argv[0]).name, *_without_path(sys.argv[1:])])
    document = {"command": command, "machine": machine, "tables": [*map(_table, tables), *map(asdict, rows)], **further}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _table(table: Table) -> dict[str, Any]:
    results = [{key: value for key, value in asdict(result).items() if value is not None} for result in table.results]
    return {"title": table.title, "unit": f"{table.unit}/s", "ratio_of": table.ratio_of, "results": results}


def _without_path(arguments: Sequence[str]) -> list[str]:
    """The options without the path of the file."""
    if "--json" not in arguments:
        return list(arguments)
    place = arguments.index("--json")
    return [*arguments[:place], *arguments[place + 2 :]]
