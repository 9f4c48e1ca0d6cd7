"""Whether what runs is approved: when its deployment was reported, and now.

A report is a fact, which registry records whatever was decided; only here is known what had been. It goes by the times of the services.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

__all__ = ["Approved", "DeploymentApproval", "deployment_approvals"]

Approved = Literal["approved", "unapproved", "not required"]

# Acts that end an approved sign-off, and the last signature that completed one, are each the only ones of their kind.
APPROVALS = """
    select d.deployment_id, d.environment, d.model_id, d.version_id, d.sha256, d.reported_at,
        coalesce(asks_for_signatures(d.environment, d.version_id, d.reported_at), true) as required_then,
        coalesce(asks_for_signatures(d.environment, d.version_id), true) as required_now,
        exists (
            select from sign_offs s
            where s.artifact_sha256 = d.sha256 and s.environment = d.environment and s.version_id = d.version_id
              and s.expires_at > d.reported_at
              and (select max(a.granted_at) from approvals a where a.sign_off_id = s.sign_off_id) <= d.reported_at
              and not exists (
                select from sign_off_acts e
                where e.sign_off_id = s.sign_off_id and e.act in ('revoked', 'invalidated') and e.acted_at <= d.reported_at)
              and coalesce((
                select e.act from sign_off_acts e
                where e.sign_off_id = s.sign_off_id and e.act in ('suspended', 'resumed') and e.acted_at <= d.reported_at
                order by e.stream_version desc limit 1), 'resumed') = 'resumed'
        ) as approved_then,
        exists (
            select from sign_offs s
            where s.artifact_sha256 = d.sha256 and s.environment = d.environment and s.version_id = d.version_id
              and s.state = 'approved' and s.expires_at > statement_timestamp()
        ) as approved_now
    from known_deployments d
    where d.deployment_id = any ($1) and d.sha256 is not null and d.reported_at is not null
    order by d.deployment_id
"""


@dataclass(frozen=True, slots=True)
class DeploymentApproval:
    """A deployment that is current. Approved is what a sign-off of its version and bytes speaks for; nothing is required where the policy
    asks for no signature."""

    deployment_id: str
    environment: str
    model_id: str
    version_id: str
    sha256: str
    reported_at: datetime
    when_reported: Approved
    now: Approved


async def deployment_approvals(connection: asyncpg.Pool, ids: Sequence[str]) -> list[DeploymentApproval]:
    """Those of these deployments that are current, as far as registry's events have arrived here."""
    rows = await connection.fetch(APPROVALS, list(ids))
    names = ("deployment_id", "environment", "model_id", "version_id", "sha256", "reported_at")
    return [
        DeploymentApproval(
            **{name: row[name] for name in names},
            when_reported=_approved(row["approved_then"], row["required_then"]),
            now=_approved(row["approved_now"], row["required_now"]),
        )
        for row in rows
    ]


def _approved(signed_off: bool, required: bool) -> Approved:
    return "approved" if signed_off else "unapproved" if required else "not required"
