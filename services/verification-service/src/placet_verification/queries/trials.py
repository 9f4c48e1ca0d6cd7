"""The inputs of a run, for the worker that has claimed it."""

from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson

__all__ = ["Specification", "requested_in", "specification_of"]

SPECIFICATION = """
    select r.version_id, r.artifact_sha256, r.dataset_sha256, p.document, p.sha256 as plan_sha256
    from runs r join plans p on p.environment = r.environment and p.version = (r.plan ->> 'version')::integer
    where r.run_id = $1
"""
REQUESTED_IN = "select traceparent from events where stream = 'run-' || $1 and version = 1"


@dataclass(frozen=True, slots=True)
class Specification:
    """Everything by digest, and the plan's document as it was when the run was requested."""

    version_id: str
    artifact_sha256: str
    dataset_sha256: str
    plan_sha256: str
    document: dict[str, Any]


async def requested_in(connection: asyncpg.Pool, run_id: str) -> str | None:
    """The trace (W3C `traceparent`) of the request that led to a run."""
    traceparent: str | None = await connection.fetchval(REQUESTED_IN, run_id)
    return traceparent


async def specification_of(connection: asyncpg.Pool, run_id: str) -> Specification:
    """Of a run that exists."""
    row = await connection.fetchrow(SPECIFICATION, run_id)
    document = orjson.loads(row["document"])
    return Specification(row["version_id"], row["artifact_sha256"], row["dataset_sha256"], row["plan_sha256"], document)
