"""Deployments that run without a yes now, whatever was reported of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from placet_approval.domain.directive import Because

__all__ = ["Unapproved", "list_unapproved"]

LIST = """
    select u.deployment_id, u.environment, u.model_id, m.name as model, u.version_id, v.number, u.sha256, u.reported_at, u.since, u.because,
           u.sign_off_id, x.directive_id, x.kind, x.how as resolved
    from deployments_without_yes u
    left join known_models m on m.model_id = u.model_id
    left join known_versions v on v.version_id = u.version_id
    left join directives x on x.deployment_id = u.deployment_id and x.sign_off_id is not distinct from u.sign_off_id
    where ($1::text is null or u.environment = $1) and ($2::text is null or u.model_id = $2 or m.name = $2)
      and ($3::text is null or u.deployment_id > $3)
    order by u.deployment_id limit $4
"""


@dataclass(frozen=True, slots=True)
class Unapproved:
    """A deployment without a yes, since when and why; `directive_id` is null until one is issued, `resolved` says how it was closed."""

    deployment_id: str
    environment: str
    model_id: str
    model: str | None
    version_id: str
    number: int | None
    sha256: str
    reported_at: datetime | None
    since: datetime | None
    because: Because
    sign_off_id: str | None
    directive_id: str | None
    kind: str | None
    resolved: str | None


async def list_unapproved(
    pool: asyncpg.Pool, environment: str | None, model: str | None, after: str | None, limit: int
) -> Sequence[Unapproved]:
    """In the order of the deployments' ids, so of their reports."""
    return [Unapproved(**row) for row in await pool.fetch(LIST, environment, model, after, limit)]
