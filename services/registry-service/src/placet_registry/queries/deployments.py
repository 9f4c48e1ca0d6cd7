"""Current and ended deployments."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

from placet_registry.queries.texts import TextView, text_of
from placet_shared.postgres.led_pages import Arguments, Leading, newest_first

__all__ = ["STATE", "DeploymentSearch", "DeploymentState", "DeploymentView", "deployment_by_id", "search_deployments"]

DeploymentState = Literal["current", "ended", "all"]

DEPLOYMENT = """
    select d.deployment_id, d.environment, d.model_id, m.name as model_name, d.version_id, v.number, d.sha256, d.permit_id,
           d.reported_by, d.reported_at, d.ended_at, d.ended_by, d.end_cause, d.replaced_by, d.stream_version, d.position,
           d.reason_id, d.reason_hmac, t.body as reason_text
    from {deployments} d join models m using (model_id) join versions v using (version_id) left join texts t on t.id = d.reason_id
"""
DEPLOYMENT_BY_ID = DEPLOYMENT.format(deployments="deployments") + "where d.deployment_id = $1"
SEARCH_DEPLOYMENTS = DEPLOYMENT + "order by d.position desc"
# As the indexes have it.
STATE = "(case when ended_at is null then 'current' else 'ended' end)"
# Columns that lead an index, the most selective ones first.
INDEXED = (("sha256",), ("environment", "model_id"), ("model_id",), ("environment",), ())


@dataclass(frozen=True, slots=True)
class DeploymentSearch:
    """Filters; None does not restrict."""

    environment: str | None = None
    model_id: str | None = None
    sha256: str | None = None
    state: DeploymentState = "current"


@dataclass(frozen=True, slots=True)
class DeploymentView:
    """A deployment, current or ended; `revision` is its stream's version."""

    id: str
    environment: str
    model_id: str
    model_name: str
    version_id: str
    number: int
    sha256: str
    permit_id: str | None
    state: Literal["current", "ended"]
    reported_by: str
    reported_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    end_cause: str | None
    replaced_by: str | None
    reason: TextView | None
    revision: int


async def deployment_by_id(connection: asyncpg.Pool, deployment_id: str) -> DeploymentView | None:
    """The deployment, or None; `revision` is its stream's version."""
    row = await connection.fetchrow(DEPLOYMENT_BY_ID, deployment_id)
    return _deployment(row) if row else None


async def search_deployments(
    connection: asyncpg.Pool, search: DeploymentSearch, before: int | None, limit: int
) -> list[tuple[int, DeploymentView]]:
    """Up to `limit` deployments with their positions, newest report first, from the one before position `before` on."""
    args = Arguments()
    page = _page(search, args, before, limit)
    rows = await connection.fetch(SEARCH_DEPLOYMENTS.format(deployments=f"({page})"), *args)
    return [(row["position"], _deployment(row)) for row in rows]


def _page(search: DeploymentSearch, args: Arguments, before: int | None, limit: int) -> str:
    asked = {name: value for name in ("sha256", "environment", "model_id") if (value := getattr(search, name)) is not None}
    columns = next(columns for columns in INDEXED if asked.keys() >= set(columns))
    states = ("current", "ended") if search.state == "all" else (search.state,)
    leads = [Leading((*columns, STATE), (*(asked[column] for column in columns), state)) for state in states]
    conditions = [f"{column} = {args.add(value)}" for column, value in asked.items() if column not in columns]
    return newest_first("deployments", leads, conditions, args, before=before, limit=limit)


def _deployment(row: asyncpg.Record) -> DeploymentView:
    return DeploymentView(
        id=row["deployment_id"],
        environment=row["environment"],
        model_id=row["model_id"],
        model_name=row["model_name"],
        version_id=row["version_id"],
        number=row["number"],
        sha256=row["sha256"],
        permit_id=row["permit_id"],
        state="current" if row["ended_at"] is None else "ended",
        reported_by=row["reported_by"],
        reported_at=row["reported_at"],
        ended_at=row["ended_at"],
        ended_by=row["ended_by"],
        end_cause=row["end_cause"],
        replaced_by=row["replaced_by"],
        reason=text_of(row, "reason"),
        revision=row["stream_version"],
    )
