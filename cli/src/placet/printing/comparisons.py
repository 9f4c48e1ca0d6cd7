"""Prints two runs beside each other: each record, the difference, and which is better."""

from collections.abc import Iterator

from placet_client.answers.comparisons import ComparedRecord, ComparedValue, Comparison
from placet_client.printing.page import Column, show_line, show_table, show_warning
from placet_client.printing.words import plain

__all__ = ["show_comparison"]

Line = tuple[str, ComparedRecord]
COLUMNS: tuple[Column[Line], ...] = (
    ("check", lambda line: plain(line[0])),
    ("slice", lambda line: _short(line[1].slice)),
    ("metric", lambda line: _short(line[1].metric)),
    ("this run", lambda line: _value(line[1].run)),
    ("beside", lambda line: _value(line[1].beside)),
    ("difference", lambda line: "" if line[1].difference is None else f"{line[1].difference:+.4g}"),
    ("better", lambda line: _better(line[1])),
)
IN_SHORT: tuple[Column[Line], ...] = (
    ("check", lambda line: " ".join(part for part in (plain(line[0]), _short(line[1].slice), _short(line[1].metric)) if part)),
    ("this run / beside", lambda line: f"{_value(line[1].run)} / {_value(line[1].beside)}"),
    COLUMNS[-1],
)
NOT_SAME = {
    "model": "the runs are of different models",
    "environment": "the runs are for different environments",
    "plan_version": "the runs are by different versions of a plan: thresholds may differ",
    "data": "the runs are on different data: a difference may be that of the rows",
}
LONGEST = 40


def show_comparison(found: Comparison) -> None:
    """With what the two runs do not have in common, and that it is no evidence."""
    other = "what is deployed" if found.because == "champion" else "the named run"
    show_line(f"{found.run.id} ({found.run.status}) beside {found.beside.id} ({found.beside.status}), {other}", "bold")
    for what, warning in NOT_SAME.items():
        if not getattr(found.same, what):
            show_warning(warning)
    show_table(COLUMNS, _lines(found), "Neither run has a record.", narrow=IN_SHORT)
    for check in found.checks:
        if check.statuses.run != check.statuses.beside:
            show_line(f"{check.check_id}: {check.statuses.run or 'not there'} instead of {check.statuses.beside or 'not there'}", "yellow")
    counts = found.counts
    said = f"better in {counts.better} records, worse in {counts.worse}, equal in {counts.equal}; {counts.not_comparable} can't be compared"
    show_line(said, "bold")
    show_line(found.note, "dim")


def _lines(found: Comparison) -> Iterator[Line]:
    return ((check.check_id, record) for check in found.checks for record in check.records)


def _value(one: ComparedValue | None) -> str:
    if one is None:
        return "not there"
    return one.status if one.value is None else f"{one.status} {one.value:.4g}"


def _better(one: ComparedRecord) -> str:
    who = {"run": "this run", "beside": "beside", "neither": "equal"}.get(one.better or "", "")
    return f"{who} (intervals overlap)" if one.intervals_overlap and one.better in ("run", "beside") else who


def _short(name: str | None) -> str:
    text = plain(name)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
