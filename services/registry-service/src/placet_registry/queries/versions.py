"""Versions: one by id or by number, and the list by model, artifact, format or environment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

__all__ = ["VersionSearch", "VersionView", "search_versions", "version_by_id", "version_by_number"]

VERSION = """
    select v.version_id, v.model_id, m.name as model_name, v.number, v.sha256, v.size, v.uri, v.format, v.signature, v.lineage,
           v.registered_by, v.registered_at, v.position,
           array(select d.environment from deployments d join environments e on e.name = d.environment
                 where d.version_id = v.version_id and d.ended_at is null order by e.place) as deployed_in
    from versions v join models m using (model_id)
"""
VERSION_BY_ID = VERSION + "where v.version_id = $1"
VERSION_BY_NUMBER = VERSION + "where v.model_id = $1 and v.number = $2"
# Newest first: within a model that is the order of numbers too.
SEARCH_VERSIONS = (
    VERSION
    + """
    where ($1::bigint is null or v.position < $1)
      and ($2::text is null or v.model_id = $2)
      and ($3::text is null or v.sha256 = $3)
      and ($4::text is null or v.format = $4)
      and ($5::text is null or exists (
            select from deployments d where d.version_id = v.version_id and d.environment = $5 and d.ended_at is null))
    order by v.position desc
    limit $6
"""
)


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
    rows = await connection.fetch(SEARCH_VERSIONS, before, search.model_id, search.sha256, search.format, search.environment, limit)
    return [(row["position"], _version(row)) for row in rows]


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
