"""Statements for lines of the timeline, each of which reads about as many lines as it returns, at any size of the table.

The planner does not know how many lines have a value, nor where they are: it would rather read the log backwards until it has
found enough of them. So one of the filter's values leads, and lines are read in the order of the index that begins with its column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

__all__ = ["Equal", "Order", "Question", "lines_of_values", "lines_with_indexes"]

LAST = 2**63 - 1
# What the view `timeline` shows, of lines that are already found.
SHOWN = """
    select t.index, t.logged_at, t.recorded_at, t.source, t.position, t.type, t.result, t.subject, t.model_id,
           (select name from known_models m where m.model_id = t.model_id) as model_name, t.version_id,
           (select number from known_versions v where v.version_id = t.version_id) as version_number, t.environment, t.actor,
           t.on_behalf_of, t.correlation, t.event_id, t.details
    from ({lines}) t order by t.index {direction}
"""
# The conditions of the partial indexes.
PARTIAL = {"result": ["result <> 'done'"], "on_behalf_of": ["on_behalf_of is not null"]}


@dataclass(frozen=True, slots=True)
class Equal:
    """One of these columns has one of these values."""

    columns: Sequence[str]
    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Order:
    """Which end to begin with, and the index of the last line seen."""

    newest_first: bool
    after: int | None = None

    @property
    def direction(self) -> str:
        """In SQL."""
        return "desc" if self.newest_first else "asc"

    @property
    def between(self) -> tuple[int, int]:
        """The indexes between which the lines beyond the last one are."""
        last = self.after
        if self.newest_first:
            return -1, LAST if last is None else last
        return -1 if last is None else last, LAST


@dataclass(frozen=True, slots=True)
class Question:
    """A statement and its arguments."""

    sql: str
    args: Sequence[Any]


class _Arguments(list[Any]):
    def add(self, value: Any) -> str:
        """Its placeholder in the statement."""
        self.append(value)
        return f"${len(self)}"


def lines_of_values(values: Sequence[Equal], since: datetime | None, until: datetime | None, order: Order, limit: int) -> Question:
    """Lines that have all these values; the first value that may lead does."""
    args = _Arguments()
    times = [f"recorded_at {sign} {args.add(time)}" for sign, time in ((">=", since), ("<", until)) if time]
    choices = product(*[[(column, value) for column in one.columns for value in one.values] for one in values])
    branches = [_led_by_first(choice, times, order, limit, args) for choice in choices]
    if len(branches) == 1:
        return Question(SHOWN.format(lines=branches[0], direction=order.direction), args)
    together = " union all ".join(f"({branch})" for branch in branches)
    lines = f"select distinct on (index) * from ({together}) b order by index {order.direction} limit {limit:d}"
    return Question(SHOWN.format(lines=lines, direction=order.direction), args)


def lines_with_indexes(indexes: Sequence[int], values: Sequence[Equal], order: Order, limit: int) -> Question:
    """Of these lines those that have all these values."""
    args = _Arguments()
    after, before = order.between
    conditions = [f"index = any ({args.add(indexes)}::bigint[])", f"index > {args.add(after)}", f"index < {args.add(before)}"]
    for one in values:
        allowed = args.add(one.values)
        conditions.append(f"({' or '.join(f'{column} = any ({allowed}::text[])' for column in one.columns)})")
    lines = f"select * from timeline_rows where {' and '.join(conditions)} order by index {order.direction} limit {limit:d}"
    return Question(SHOWN.format(lines=lines, direction=order.direction), args)


def _led_by_first(choice: Sequence[tuple[str, Any]], times: Sequence[str], order: Order, limit: int, args: _Arguments) -> str:
    """Compared as a pair with the index, the leading value leaves only one way to read the lines in order."""
    leading = next((pair for pair in choice if pair != ("result", "done")), None)
    conditions = [*times, *[f"{column} = {args.add(value)}" for column, value in choice if (column, value) != leading]]
    after, before = args.add(order.between[0]), args.add(order.between[1])
    if leading is None:
        conditions += [f"index > {after}", f"index < {before}"]
        by = f"index {order.direction}"
    else:
        column, value = leading[0], args.add(leading[1])
        conditions += [f"({column}, index) > ({value}, {after})", f"({column}, index) < ({value}, {before})", *PARTIAL.get(column, ())]
        by = f"{column} {order.direction}, index {order.direction}"
    return f"select * from timeline_rows where {' and '.join(conditions)} order by {by} limit {limit:d}"
