"""The inputs of a run, for the worker that has claimed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from placet_verification.domain.upcasting import full_form

__all__ = ["Specification", "requested_in", "specification_of"]

SPECIFICATION = """
    select r.version_id, r.environment, r.plan, r.artifact_sha256, r.datasets, r.champion, r.requested_at, r.position, p.document
    from runs r join plans p on p.plan_id = r.plan ->> 'id' and p.version = (r.plan ->> 'version')::integer
    where r.run_id = $1
"""
REQUESTED_IN = "select traceparent from events where stream = 'run-' || $1 and version = 1"


@dataclass(frozen=True, slots=True)
class Specification:
    """Everything by digest, and the plan's document as it was when the run was requested; `datasets` are by what they are for.

    `position` is that of the request's event: what was recorded before it is what the run considers.
    """

    version_id: str
    environment: str
    plan: Mapping[str, Any]
    artifact_sha256: str
    datasets: Mapping[str, str]
    champion: Mapping[str, str | None] | None
    requested_at: datetime
    position: int
    document: Mapping[str, Any]

    def bound(self) -> dict[str, Any]:
        """What the result says that it is about."""
        return {
            "environment": self.environment,
            "plan_sha256": self.plan["sha256"],
            "model_sha256": self.artifact_sha256,
            "datasets": dict(self.datasets),
            "champion_sha256": self.champion and self.champion["artifact_sha256"],
        }


async def requested_in(connection: asyncpg.Pool, run_id: str) -> str | None:
    """The trace (W3C `traceparent`) of the request that led to a run."""
    traceparent: str | None = await connection.fetchval(REQUESTED_IN, run_id)
    return traceparent


async def specification_of(connection: asyncpg.Pool, run_id: str) -> Specification:
    """Of a run that exists."""
    row = await connection.fetchrow(SPECIFICATION, run_id)
    return Specification(
        version_id=row["version_id"],
        environment=row["environment"],
        plan=orjson.loads(row["plan"]),
        artifact_sha256=row["artifact_sha256"],
        datasets={data["input"]: data["sha256"] for data in orjson.loads(row["datasets"])},
        champion=orjson.loads(row["champion"]) if row["champion"] else None,
        requested_at=row["requested_at"],
        position=row["position"],
        document=full_form(orjson.loads(row["document"])),
    )
