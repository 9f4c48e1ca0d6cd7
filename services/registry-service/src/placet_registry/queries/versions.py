"""Versions: one by id or by number, and the list by model, artifact, format or environment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from placet_registry.queries.deployments import STATE
from placet_shared.postgres.led_pages import Arguments, Leading, newest_first

__all__ = ["VersionSearch", "VersionView", "search_versions", "version_by_id", "version_by_number"]

VERSION = """
    select v.version_id, v.model_id, m.name as model_name, v.number, v.sha256, v.size, v.uri, v.format, v.signature, v.lineage,
           v.registered_by, v.registered_at, v.position,
           array(select d.environment from deployments d where d.version_id = v.version_id and d.ended_at is null
                 order by (select e.place from environments e where e.name = d.environment)) as deployed_in
    from {versions} v join models m using (model_id)
"""
VERSION_BY_ID = VERSION.format(versions="versions") + "where v.version_id = $1"
VERSION_BY_NUMBER = VERSION.format(versions="versions") + "where v.model_id = $1 and v.number = $2"
# Newest first: within a model that is the order of numbers too.
SEARCH_VERSIONS = VERSION + "order by v.position desc"
# Columns that lead an index, the most selective ones first.
INDEXED = (("sha256",), ("format", "model_id"), ("model_id",), ("format",), ())
# At most one; compared as a pair, since the planner expects many of a model that was deployed often.
DEPLOYED_OF_MODEL = """
    select version_id from deployments
    where ended_at is null and (environment, model_id) >= ($1, $2) and (environment, model_id) <= ($1, $2)
    order by environment, model_id limit 1
"""
IS_DEPLOYED_IN = """
    exists (select from deployments d where d.version_id = versions.version_id and d.environment = {environment} and d.ended_at is null)
"""
# Up to so many they are looked up one by one; of more of them, newer versions are soon found that are among them.
FEW = 1_000


@dataclass(frozen=True, slots=True)
class VersionSearch:
    """Filters; None does not restrict. `environment` is one where the version is deployed now."""

    model_id: str | None = None
    sha256: str | None = None
    format: str | None = None
    environment: str | None = None


@dataclass(frozen=True, slots=True)
class ArtifactView:
    """Its bytes, by digest; `uri` is set when they are kept elsewhere."""

    sha256: str
    size: int
    uri: str | None


@dataclass(frozen=True, slots=True)
class VersionView:
    """An immutable version, and where it is deployed now."""

    id: str
    model_id: str
    model_name: str
    number: int
    artifact: ArtifactView
    format: str
    signature: Mapping[str, Any] | None
    lineage: Mapping[str, Any]
    deployed_in: Sequence[str]
    registered_by: str
    registered_at: datetime


async def version_by_id(connection: asyncpg.Pool, version_id: str) -> VersionView | None:
    """The version, or None."""
    row = await connection.fetchrow(VERSION_BY_ID, version_id)
    return _version(row) if row else None


async def version_by_number(connection: asyncpg.Pool, model_id: str, number: int) -> VersionView | None:
    """The same by its model and number."""
    row = await connection.fetchrow(VERSION_BY_NUMBER, model_id, number)
    return _version(row) if row else None


async def search_versions(connection: asyncpg.Pool, search: VersionSearch, before: int | None, limit: int) -> list[tuple[int, VersionView]]:
    """Up to `limit` versions with their positions, newest first, from the one before position `before` on."""
    args = Arguments()
    page = await _page(connection, search, args, before, limit)
    rows = await connection.fetch(SEARCH_VERSIONS.format(versions=f"({page})"), *args)
    return [(row["position"], _version(row)) for row in rows]


async def _page(connection: asyncpg.Pool, search: VersionSearch, args: Arguments, before: int | None, limit: int) -> str:
    asked = {name: value for name in ("sha256", "format", "model_id") if (value := getattr(search, name)) is not None}
    deployed = await _few_deployed(connection, search)
    if deployed is not None:
        few = f"with few as materialized (select * from versions where version_id = any ({args.add(deployed)}::text[])) "
        conditions = ["true", *(f"{column} = {args.add(value)}" for column, value in asked.items())]
        conditions += [f"position < {args.add(before)}"] if before is not None else []
        return few + f"select * from few where {' and '.join(conditions)} order by position desc limit {limit:d}"
    columns = next(columns for columns in INDEXED if asked.keys() >= set(columns))
    conditions = [f"{column} = {args.add(value)}" for column, value in asked.items() if column not in columns]
    if search.environment is not None:
        conditions.append(IS_DEPLOYED_IN.format(environment=args.add(search.environment)))
    lead = Leading(columns, [asked[column] for column in columns])
    return newest_first("versions", [lead], conditions, args, before=before, limit=limit)


async def _few_deployed(connection: asyncpg.Pool, search: VersionSearch) -> Sequence[str] | None:
    """The versions that are deployed in the environment now; None when they are many, or not asked for."""
    if search.environment is None:
        return None
    if search.model_id is not None:
        rows = await connection.fetch(DEPLOYED_OF_MODEL, search.environment, search.model_id)
    else:
        args = Arguments()
        current = Leading(("environment", STATE), (search.environment, "current"))
        newest = newest_first("deployments", [current], (), args, before=None, limit=FEW + 1)
        rows = await connection.fetch(f"select version_id from ({newest}) d", *args)
    return [row["version_id"] for row in rows] if len(rows) <= FEW else None


def _version(row: asyncpg.Record) -> VersionView:
    return VersionView(
        id=row["version_id"],
        model_id=row["model_id"],
        model_name=row["model_name"],
        number=row["number"],
        artifact=ArtifactView(row["sha256"], row["size"], row["uri"]),
        format=row["format"],
        signature=orjson.loads(row["signature"]) if row["signature"] else None,
        lineage=orjson.loads(row["lineage"]),
        deployed_in=row["deployed_in"],
        registered_by=row["registered_by"],
        registered_at=row["registered_at"],
    )
