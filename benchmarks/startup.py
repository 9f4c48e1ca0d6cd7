"""The time of `placet up` until every service is ready: on an empty folder, and on one that has been used."""

import asyncio
import statistics
from collections.abc import Sequence

from bench.installation import data_folder, up
from bench.options import read_options
from bench.report import Rows, print_rows, write_tables


async def starts(rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of the first and of the second start in each round."""
    first: list[float] = []
    again: list[float] = []
    for _ in range(rounds):
        with data_folder() as folder:
            for taken in (first, again):
                async with up(folder) as installed:
                    taken.append(installed.seconds)
    return first, again


def row(name: str, taken: Sequence[float]) -> list[str | float]:
    """Median, and the range."""
    return [name, round(statistics.median(taken), 1), f"{min(taken):.1f} to {max(taken):.1f}"]


def main() -> None:
    """Run, print, and write JSON when asked."""
    options = read_options(__doc__, rounds=3)
    first, again = asyncio.run(starts(options.rounds))
    rows = Rows(
        "From `placet up` to ready: PostgreSQL, four services, one worker",
        ["", "seconds", "range"],
        [row("on an empty folder: the database is made, all migrations run", first), row("on a folder that has been used", again)],
    )
    print_rows(rows)
    write_tables(options.json, [], [rows])


if __name__ == "__main__":
    main()
