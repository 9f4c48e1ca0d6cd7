"""The steps that wait for a person, of versions that are on their way: a few steps along indexes at any number of versions.

Looked at are the oldest open requests, the latest ones whatever became of them, and the latest registrations of models' newest versions.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg

from placet_approval.domain.known_place import KnownPlace
from placet_approval.domain.step_progress import StepState
from placet_approval.queries.inbox_views import ToComplete
from placet_approval.queries.places import VersionPlaces, read_places
from placet_shared.access import Actor

__all__ = ["steps_that_wait_for"]

# The environments of which a policy asks people with one of these roles for a step.
ASKING = """
    select distinct p.environment from policies p
    where p.in_question and exists (
        select from jsonb_array_elements(coalesce(p.content -> 'steps', '[]')) s
        where s #>> '{completed_by,role}' = any ($1))
"""
AT_ONCE = 100
VERSIONS = f"""
    select version_id from (
        select version_id, environment from sign_offs where state = 'pending' order by sign_off_id limit {AT_ONCE}
    ) p where environment = any ($1)
    union
    select version_id from (
        select version_id, environment from sign_offs order by sign_off_id desc limit {AT_ONCE}
    ) l where environment = any ($1)
    union
    select version_id from (
        select version_id, model_id, number from known_versions order by registered_at desc limit {AT_ONCE}
    ) v where not exists (select from known_versions n where n.model_id = v.model_id and n.number > v.number)
"""
NAMES = """
    select v.version_id, v.number, m.name from known_versions v left join known_models m using (model_id) where v.version_id = any ($1)
"""
PARTS = "select artifact_sha256, part from known_involvements where person_id = $1 and artifact_sha256 = any ($2)"


async def steps_that_wait_for(pool: asyncpg.Pool, actor: Actor) -> Sequence[ToComplete]:
    """What is overdue comes first, then what is due, then what has waited longest. None for a service account."""
    environments = [row["environment"] for row in await pool.fetch(ASKING, sorted(actor.roles))] if actor.kind == "person" else []
    if not environments:
        return ()
    ids = [row["version_id"] for row in await pool.fetch(VERSIONS, environments)]
    versions = await read_places(pool, ids)
    names = {row["version_id"]: row for row in await pool.fetch(NAMES, list(versions))}
    digests = [one.artifact_sha256 for one in versions.values()]
    parts: dict[str, set[str]] = {}
    for row in await pool.fetch(PARTS, actor.id, digests):
        parts.setdefault(row["artifact_sha256"], set()).add(row["part"])
    now = datetime.now(UTC)
    found = [
        _waiting(version_id, version, place, state, names[version_id], now)
        for version_id, version in versions.items()
        for place, steps in zip(version.places, version.steps, strict=True)
        for state in steps
        if _is_for(actor, state, place, parts.get(version.artifact_sha256, set()))
    ]
    return sorted(found, key=lambda one: (not one.overdue, one.due_at or one.since, one.since))[:AT_ONCE]


def _is_for(actor: Actor, state: StepState, place: KnownPlace, parts: set[str]) -> bool:
    """Whether it is current, and the person could complete it."""
    excludes = place.policy.excludes if place.policy else ()
    may = state.step.role in actor.roles and actor.id not in place.out and parts.isdisjoint(excludes)
    return state.state == "current" and may


def _waiting(
    version_id: str, version: VersionPlaces, place: KnownPlace, state: StepState, named: Mapping[str, Any], now: datetime
) -> ToComplete:
    return ToComplete(
        version.model_id,
        named["name"],
        version_id,
        named["number"],
        place.environment,
        state.step.name,
        state.step.owner,
        state.step.role or "",
        state.since or version.registered_at,
        state.due_at,
        state.overdue(now),
    )
