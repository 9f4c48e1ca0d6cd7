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

# As of the report: the newest that was approved by then, acts that ended it, and the noes on the bytes that it does not answer. A hold of
# another sign-off that was lifted since has left no row.
APPROVALS = """
    select d.deployment_id, d.environment, d.model_id, d.version_id, d.sha256, d.reported_at,
        coalesce(asks_for_signatures(d.environment, d.version_id, d.reported_at), true) as required_then,
        coalesce(asks_for_signatures(d.environment, d.version_id), true) as required_now,
        coalesce((
            select s.expires_at > d.reported_at
              and not exists (
                select from sign_off_acts e
                where e.sign_off_id = s.sign_off_id and e.act in ('revoked', 'invalidated') and e.acted_at <= d.reported_at)
              and coalesce((
                select e.act from sign_off_acts e
                where e.sign_off_id = s.sign_off_id and e.act in ('suspended', 'resumed') and e.acted_at <= d.reported_at
                order by e.stream_version desc limit 1), 'resumed') = 'resumed'
              and not exists (
                select from standing_noes n
                where n.artifact_sha256 = d.sha256 and n.environment = d.environment and n.sign_off_id <> s.sign_off_id
                  and n.said_at <= d.reported_at
                  and is_unanswered(n.kind, n.ordinal, n.version_id, n.said_at, s.noes_answered, s.version_id, s.requested_at))
            from sign_offs s
            where s.artifact_sha256 = d.sha256 and s.environment = d.environment and s.version_id = d.version_id
              and s.approved_at <= d.reported_at
            order by s.sign_off_id desc limit 1
        ), false) as approved_then,
        exists (
            select from decision_about(d.sha256, d.environment, d.model_id, d.version_id) y where y.because is null
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
