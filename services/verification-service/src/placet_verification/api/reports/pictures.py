"""The pictures of a report: for each check whose records have something to draw, a chart, what it shows in one sentence, and a table."""

from collections.abc import Sequence
from itertools import islice

from placet_verification.api.reports.drawings.columns import importance
from placet_verification.api.reports.drawings.slices import FROM_WORST, by_slice, rates_of_groups
from placet_verification.api.reports.drawn_parameters import drawn, fitting
from placet_verification.api.reports.picture import Picture, Record

__all__ = ["MOST_PICTURES", "pictures_of"]

MOST_PICTURES = 12


def pictures_of(records: Sequence[Record]) -> list[Picture]:
    """Of the records of one check: first what compares them, then what each of them holds, the worst first."""
    compared = fitting(importance, ranked) if (ranked := _ranked(records)) else fitting(by_slice, records)
    worst_first = sorted(records, key=lambda record: FROM_WORST.index(record["status"]) if record["status"] in FROM_WORST else 0)
    each = (picture for record in worst_first for picture in drawn(record))
    return [*compared, *fitting(rates_of_groups, records), *islice(each, MOST_PICTURES)]


def _ranked(records: Sequence[Record]) -> list[Record]:
    """Those that say how much a column matters."""
    return [
        record
        for record in records
        if record["slice"] and record["value"] is not None and {"deviation", "share"} <= set(record.get("parameters") or {})
    ]
