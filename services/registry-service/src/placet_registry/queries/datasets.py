"""Data sets: one version, the versions of a name, and the search among the newest version of each name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg
import orjson

from placet_registry.queries.name_parts import FEW, NAME_HAS, NAMED
from placet_shared.postgres.led_pages import Arguments, Leading, newest_first

__all__ = [
    "DataSetSearch",
    "DataSetView",
    "dataset_by_number",
    "datasets_with",
    "newest_dataset",
    "search_datasets",
    "versions_of_dataset",
]

VERSION = "select * from datasets where name = $1 and number = $2"
NEWEST = "select * from datasets where name = $1 and not superseded"
WITH_BYTES = "select * from datasets where (sha256, name, number) > ($1, $2, $3) and sha256 <= $1 order by sha256, name, number limit $4"
WITH_PART = f"select name from datasets where {NAMED.format(part='$1')} and not superseded limit $2"
# Compared as one row with the key, a role leaves the planner only the index on role and name.
OF_ROLE = "(role, name) > ({role}, {after}) and role <= {role}"


@dataclass(frozen=True, slots=True)
class DataSetSearch:
    """Filters of the newest version of each name; None does not restrict. `name` is a part of the name in any letter case."""

    name: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class DataSetView:
    """An immutable version of a data set; `period` has the days `from` and `to`."""

    dataset_id: str
    name: str
    number: int
    sha256: str
    size: int
    format: str
    columns: Sequence[Mapping[str, str]] | None
    rows: int | None
    period: Mapping[str, date] | None
    role: str
    owner: str
    registered_by: str
    registered_at: datetime


async def dataset_by_number(connection: asyncpg.Pool, name: str, number: int) -> DataSetView | None:
    """The version, or None."""
    row = await connection.fetchrow(VERSION, name, number)
    return _dataset(row) if row else None


async def newest_dataset(connection: asyncpg.Pool, name: str) -> DataSetView | None:
    """The newest version of this name, or None."""
    row = await connection.fetchrow(NEWEST, name)
    return _dataset(row) if row else None


async def versions_of_dataset(connection: asyncpg.Pool, name: str, before: int | None, limit: int) -> list[DataSetView]:
    """Up to `limit` versions of this name, the newest first, from the one before number `before` on."""
    args = Arguments()
    page = newest_first("datasets", [Leading(("name",), (name,))], (), args, before=before, limit=limit, key="number")
    return [_dataset(row) for row in await connection.fetch(page, *args)]


async def datasets_with(connection: asyncpg.Pool, sha256: str, after: tuple[str, int], limit: int) -> list[DataSetView]:
    """Up to `limit` versions, of any name, that have these bytes, by name and number, from the one after `after` on."""
    return [_dataset(row) for row in await connection.fetch(WITH_BYTES, sha256, *after, limit)]


async def search_datasets(connection: asyncpg.Pool, search: DataSetSearch, after: str | None, limit: int) -> list[DataSetView]:
    """Up to `limit` names by their newest version, in their order, from the one after `after` on."""
    args = Arguments()
    few = await connection.fetch(WITH_PART, search.name, FEW + 1) if search.name else ()
    page = _of_few if search.name and len(few) <= FEW else _along_names
    sql = page(search, [row["name"] for row in few], args, after or "", limit)
    return [_dataset(row) for row in await connection.fetch(sql, *args)]


def _of_few(search: DataSetSearch, names: Sequence[str], args: Arguments, after: str, limit: int) -> str:
    """Among these names, which include all that fit."""
    conditions = [NAME_HAS.format(part=f"{args.add(search.name)}::text"), f"name > {args.add(after)}"]
    conditions += [f"role = {args.add(search.role)}"] if search.role is not None else []
    few = f"select * from datasets where not superseded and name = any ({args.add(names)}::text[])"
    return f"with few as materialized ({few}) select * from few where {' and '.join(conditions)} order by name limit {limit:d}"


def _along_names(search: DataSetSearch, names: Sequence[str], args: Arguments, after: str, limit: int) -> str:
    """Along the index on names, or on role and names: what fits is soon met."""
    conditions = ["not superseded"]
    if search.role is None:
        conditions.append(f"name > {args.add(after)}")
    else:
        conditions.append(OF_ROLE.format(role=args.add(search.role), after=args.add(after)))
    if search.name:
        conditions.append(NAME_HAS.format(part=f"{args.add(search.name)}::text"))
    order = "name" if search.role is None else "role, name"
    return f"select * from datasets where {' and '.join(conditions)} order by {order} limit {limit:d}"


def _dataset(row: asyncpg.Record) -> DataSetView:
    return DataSetView(
        dataset_id=row["dataset_id"],
        name=row["name"],
        number=row["number"],
        sha256=row["sha256"],
        size=row["size"],
        format=row["format"],
        columns=orjson.loads(row["columns"]) if row["columns"] else None,
        rows=row["rows"],
        period={"from": row["period_from"], "to": row["period_to"]} if row["period_from"] else None,
        role=row["role"],
        owner=row["owner"],
        registered_by=row["registered_by"],
        registered_at=row["registered_at"],
    )
