"""The steps of a version in an environment, with what people did; and the people who could complete a step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from placet_approval.domain.known_place import KnownPlace
from placet_approval.domain.step_progress import StepState
from placet_approval.queries.people_and_texts import Holder, SaidText
from placet_approval.queries.places import VersionPlaces, read_places
from placet_approval.queries.step_views import CurrentStep, ReopenedView, StepsOfVersion, StepView

__all__ = ["Awaited", "could_complete", "current_view", "read_steps", "steps_of"]

VERSION = """
    select version_id, model_id, number, artifact_sha256 from known_versions
    where version_id = $1 or number = $3 and model_id = (
        select model_id from known_models where model_id = $2 or name = $2 order by model_id = $2 desc limit 1)
    limit 1
"""
ENVIRONMENT = "select 1 from known_environments where name = $1"
DONE = """
    select c.*, t.body, r.body as reopened_body,
           n.name, n.display_name, b.name as reopened_name, b.display_name as reopened_display_name
    from completed_steps c
    left join texts t on t.id = c.text_id left join texts r on r.id = c.reopened_text_id
    left join people_names n on n.person_id = c.person_id left join people_names b on b.person_id = c.reopened_by
    where c.artifact_sha256 = $1 and c.environment = $2 and c.model_id = $3
"""
MOST_PEOPLE = 10
MOST_LOOKED_AT = 200
"""People with a role, in no order, so that neither many nor few of them are looked for among all people."""
# For each place that is asked about: active people with the role, and without a part in the bytes that the policy excludes.
COULD_COMPLETE = f"""
    select k.place, p.person_id as id, n.name, n.display_name
    from jsonb_to_recordset($1::jsonb) k (place integer, role text, artifact_sha256 text, excludes text[], out text[])
    cross join lateral (
        select person_id from (
            select person_id from people where roles && array[k.role] and active limit {MOST_LOOKED_AT}
        ) h
        where h.person_id <> all (k.out)
          and not exists (
            select from known_involvements i
            where i.artifact_sha256 = k.artifact_sha256 and i.person_id = h.person_id and i.part = any (k.excludes))
        order by h.person_id limit {MOST_PEOPLE}
    ) p
    left join people_names n on n.person_id = p.person_id
    order by k.place, p.person_id
"""


@dataclass(frozen=True, slots=True)
class Awaited:
    """A step of people that is current for these bytes."""

    role: str
    artifact_sha256: str
    excludes: Sequence[str]
    out: Sequence[str]

    @classmethod
    def of(cls, state: StepState, version: VersionPlaces, place: KnownPlace) -> "Awaited":
        """In a place of the version."""
        excludes = place.policy.excludes if place.policy else ()
        return cls(state.step.role or "", version.artifact_sha256, excludes, sorted(place.out))


async def could_complete(pool: asyncpg.Pool, awaited: Sequence[Awaited]) -> Sequence[Sequence[Holder]]:
    """Of each in turn, up to ten people, whose tokens are not looked at."""
    if not awaited:
        return []
    asked = [
        {"place": place, "role": one.role, "artifact_sha256": one.artifact_sha256, "excludes": list(one.excludes), "out": list(one.out)}
        for place, one in enumerate(awaited)
    ]
    people: list[list[Holder]] = [[] for _ in awaited]
    for row in await pool.fetch(COULD_COMPLETE, orjson.dumps(asked).decode()):
        people[row["place"]].append(Holder(row["id"], row["name"], row["display_name"]))
    return people


async def read_steps(
    pool: asyncpg.Pool, environment: str, version_id: str | None, model: str | None, number: int | None
) -> StepsOfVersion | None:
    """None where there is no such version or environment."""
    found = await pool.fetchrow(VERSION, version_id, model, number)
    if found is None or not await pool.fetch(ENVIRONMENT, environment):
        return None
    return StepsOfVersion(**dict(found), environment=environment, steps=await steps_of(pool, found["version_id"], environment))


async def steps_of(pool: asyncpg.Pool, version_id: str, environment: str) -> Sequence[StepView]:
    """None where the environment's policy has none."""
    version = (await read_places(pool, [version_id])).get(version_id)
    number = next((number for number, one in enumerate(version.places) if one.environment == environment), None) if version else None
    if version is None or number is None or not version.steps[number]:
        return ()
    states = version.steps[number]
    rows = {row["step"]: row for row in await pool.fetch(DONE, version.artifact_sha256, environment, version.model_id)}
    at = await pool.fetchval("select statement_timestamp()")
    by_hand = [one for one in states if one.state != "complete" and one.step.role]
    people = await could_complete(pool, [Awaited.of(one, version, version.places[number]) for one in by_hand])
    holders = {one.step.name: found for one, found in zip(by_hand, people, strict=True)}
    return [_view(one, rows.get(one.step.name) if one.step.role else None, holders.get(one.step.name, ()), at) for one in states]


def current_view(states: Sequence[StepState], people: Sequence[Holder], at: datetime) -> CurrentStep | None:
    """None when all are complete, or there are none."""
    current = next((one for one in states if one.state == "current"), None)
    if current is None:
        return None
    step, complete = current.step, sum(one.state == "complete" for one in states)
    when = (current.since, current.due_at, current.overdue(at))
    return CurrentStep(step.name, step.owner, step.fact, step.role, *when, complete, len(states), people)


def _view(state: StepState, row: Mapping[str, Any] | None, people: Sequence[Holder], at: datetime) -> StepView:
    step = state.step
    return StepView(
        step.name,
        step.owner,
        step.fact,
        step.role,
        state.state,
        state.since,
        state.due_at,
        state.overdue(at),
        by=Holder(row["person_id"], row["name"], row["display_name"]) if row else None,
        at=row["completed_at"] if row else None,
        evidence=row["evidence"] if row else (),
        said=_said(row, "") if row else None,
        reopened=_reopened(row) if row and row["reopened_at"] else None,
        can_complete=people,
    )


def _reopened(row: Mapping[str, Any]) -> ReopenedView:
    by = Holder(row["reopened_by"], row["reopened_name"], row["reopened_display_name"])
    return ReopenedView(by, row["reopened_at"], _said(row, "reopened_"))


def _said(row: Mapping[str, Any], which: str) -> SaidText:
    body = row[f"{which}body"]
    return SaidText(id=str(row[f"{which}text_id"]), hmac=row[f"{which}text_hmac"], text=body, erased=body is None)
