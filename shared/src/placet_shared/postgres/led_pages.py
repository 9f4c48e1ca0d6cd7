"""A page of a table in the order of its key, read along an index that begins with the values asked for, at any size of the table.

The planner does not know where in the table a value stands: it would rather read all rows backwards until it has found enough of them.
Compared as one row with the key, the values leave it only one way, the index on exactly these columns. A condition that is not asked for
is not in the statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Arguments", "Leading", "newest_first"]


class Arguments(list[Any]):
    """Of a statement that is composed."""

    def add(self, value: Any) -> str:
        """Its placeholder in the statement."""
        self.append(value)
        return f"${len(self)}"


@dataclass(frozen=True, slots=True)
class Leading:
    """Columns, or expressions of an index, and the value that each of them must have."""

    columns: Sequence[str] = ()
    values: Sequence[Any] = ()


def newest_first(
    table: str,
    leads: Sequence[Leading],
    conditions: Sequence[str],
    args: Arguments,
    *,
    before: Any | None,
    limit: int,
    key: str = "position",
) -> str:
    """The statement for rows before a key; each lead's rows are read along its own index, and no row belongs to two of them."""
    bound = None if before is None else args.add(before)
    branches = [_led(table, lead, conditions, args, bound, limit, key) for lead in leads]
    if len(branches) == 1:
        return branches[0]
    together = " union all ".join(f"({branch})" for branch in branches)
    return f"select * from ({together}) led order by {key} desc limit {limit:d}"


def _led(table: str, lead: Leading, conditions: Sequence[str], args: Arguments, before: str | None, limit: int, key: str) -> str:
    values = [args.add(value) for value in lead.values]
    bounds = []
    if values:
        bounds.append(f"({', '.join(lead.columns)}) >= ({', '.join(values)})")
    if before is not None:
        bounds.append(f"({', '.join([*lead.columns, key])}) < ({', '.join([*values, before])})")
    elif values:
        bounds.append(f"({', '.join(lead.columns)}) <= ({', '.join(values)})")
    where = " and ".join([*bounds, *conditions]) or "true"
    ordered = ", ".join(f"{column} desc" for column in [*lead.columns, key])
    return f"select * from {table} where {where} order by {ordered} limit {limit:d}"
