"""The board, a page of models by name: each with its environments costs the same few steps along indexes at any number of models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from placet_approval.domain.board import Place, Step, Waits, place_of, waiting_place
from placet_approval.queries.places import VersionPlaces, read_places
from placet_approval.queries.step_views import CurrentStep
from placet_approval.queries.steps import Awaited, could_complete, current_view

__all__ = ["BoardFilter", "BoardRow", "PlaceView", "read_board"]

# Bytes order names, so that those with a beginning stand together.
MODELS = """
    select m.model_id, m.name, m.tags, v.version_id, v.number, v.registered_at, l.number as live_number, l.environment as live_environment,
           l.lead_seconds
    from (
        select model_id, name, tags from known_models
        where (name collate "C", model_id) > ($1, $2) and name collate "C" < $3
        order by name collate "C", model_id limit $5
    ) m
    left join lateral (
        select version_id, number, registered_at from known_versions where model_id = m.model_id order by number desc limit 1
    ) v on true
    left join lateral (
        select r.number, n.environment, extract(epoch from (
            select min(d.reported_at) from known_deployment_reports d
            where d.model_id = m.model_id and d.environment = n.environment and d.sha256 = n.sha256
        ) - r.registered_at)::bigint as lead_seconds
        from (
            select e.name as environment, d.version_id, d.sha256 from unnest($4::text[]) with ordinality e (name, place)
            cross join lateral (
                select version_id, sha256 from known_deployment_reports
                where model_id = m.model_id and environment = e.name order by position desc limit 1
            ) d
            order by e.place limit 1
        ) n join known_versions r on r.version_id = n.version_id
    ) l on true
    order by m.name collate "C", m.model_id
"""
# The last first. What comes after production to try things out, and lets all through, is not where a version has to go.
PREVENTING = """
    select e.name from known_environments e
    where exists (select from policies p where p.environment = e.name and p.in_question and p.content ->> 'mode' = 'prevent')
    order by e.place desc
"""
A_READ = 100
MOST_LOOKED_AT = 1000
"""Models that one answer looks at: a filter that few fit ends a page early, and the next page goes on."""
BEYOND = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """`model` is a name, or its beginning with `*` at the end; `waits_for` is what the row waits for next.

    `step` and `owner` are of a policy's step that is current in any of the places; `risk_tier` is of the model's qualification.
    """

    model: str | None = None
    environment: str | None = None
    waits_for: Waits | None = None
    step: str | None = None
    owner: str | None = None
    risk_tier: str | None = None

    @property
    def is_sieve(self) -> bool:
        """Whether models have to be looked at to know whether they fit."""
        return any((self.waits_for, self.step, self.owner, self.risk_tier))


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A place with the policy's step that is current there."""

    environment: str
    step: Step
    since: datetime
    waits_for: Waits | None
    missing: Sequence[str]
    have: int
    need: int
    sign_off_id: str | None
    ended: str | None
    current_step: CurrentStep | None


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A model's newest version in every environment, and `next`: where it has to go and what it waits for there.

    `live_environment` is, of those with a policy that prevents, the last one in which the model was ever deployed, `live_number` the last
    version there, and `lead_time_seconds` from its registration to the first report of its bytes there. `qualification` are the model's
    governance tags, which only admins set.
    """

    model_id: str
    model: str
    qualification: Mapping[str, str]
    version_id: str | None
    number: int | None
    registered_at: datetime | None
    places: Sequence[PlaceView]
    next: PlaceView | None
    live_number: int | None
    live_environment: str | None
    lead_time_seconds: int | None


@dataclass(frozen=True, slots=True)
class _Found:
    """A model, before it is asked who could complete its steps; `next` is the number of the place that it waits for."""

    row: Mapping[str, Any]
    version: VersionPlaces | None
    places: Sequence[Place]
    next: int | None

    @property
    def qualification(self) -> Mapping[str, str]:
        tags = orjson.loads(self.row["tags"])
        return {name.removeprefix("governance/"): value for name, value in tags.items() if name.startswith("governance/")}

    def fits(self, wanted: BoardFilter) -> bool:
        if wanted.waits_for and (self.next is None or self.places[self.next].waits_for != wanted.waits_for):
            return False
        if wanted.risk_tier and self.qualification.get("risk-tier") != wanted.risk_tier:
            return False
        current = [place.current.step for place in self.places if place.current]
        if wanted.step or wanted.owner:
            return any(wanted.step in (None, one.name) and wanted.owner in (None, one.owner) for one in current)
        return True


async def read_board(
    pool: asyncpg.Pool, wanted: BoardFilter, after: tuple[str, str] | None, limit: int, most: int = MOST_LOOKED_AT
) -> tuple[list[BoardRow], tuple[str, str] | None]:
    """Rows in the order of names, and where the next page goes on, None at the end. A page may be short where a filter fits few."""
    found, following = await _page(pool, wanted, after, limit, most)
    return await _rows(pool, found, wanted), following


async def _page(
    pool: asyncpg.Pool, wanted: BoardFilter, after: tuple[str, str] | None, limit: int, most: int
) -> tuple[list[_Found], tuple[str, str] | None]:
    kept: list[_Found] = []
    begin, end = _range(wanted.model)
    place = after or (begin, "")
    looked_at = 0
    while looked_at < most:
        number = min(A_READ, most if wanted.is_sieve else limit - len(kept))
        found, more = await _read(pool, wanted, place, end, number)
        looked_at += number
        for index, one in enumerate(found):
            place = (one.row["name"], one.row["model_id"])
            if one.fits(wanted):
                kept.append(one)
            if len(kept) == limit:
                return kept, place if index + 1 < len(found) or more else None
        if not more:
            return kept, None
    return kept, place


async def _read(pool: asyncpg.Pool, wanted: BoardFilter, after: tuple[str, str], end: str, number: int) -> tuple[Sequence[_Found], bool]:
    """So many models, and whether there are more."""
    preventing = [row["name"] for row in await pool.fetch(PREVENTING)]
    models = await pool.fetch(MODELS, *after, end, preventing, number + 1)
    versions = await read_places(pool, [model["version_id"] for model in models[:number] if model["version_id"]])
    return [_found(model, versions.get(model["version_id"]), wanted) for model in models[:number]], len(models) > number


def _range(pattern: str | None) -> tuple[str, str]:
    """Names from the first on and before the second."""
    if pattern is None:
        return "", BEYOND
    if pattern.endswith("*"):
        return pattern[:-1], pattern[:-1] + BEYOND
    return pattern, pattern + "\x01"


def _found(model: Mapping[str, Any], version: VersionPlaces | None, wanted: BoardFilter) -> _Found:
    if version is None:
        return _Found(model, None, (), None)
    known = version.places
    places = [
        place_of(one, version.registered_at, known[:number][::-1], version.steps[number])
        for number, one in enumerate(known)
        if wanted.environment in (None, one.environment)
    ]
    asks = [bool(one.policy is None or one.policy.signatures) for one in known if wanted.environment in (None, one.environment)]
    waiting = waiting_place(places, asks)
    return _Found(model, version, places, next((number for number, one in enumerate(places) if one is waiting), None))


async def _rows(pool: asyncpg.Pool, found: Sequence[_Found], wanted: BoardFilter) -> list[BoardRow]:
    """With the people who could complete what is current, all asked for at once."""
    if not found:
        return []
    known = [
        [one for one in (each.version.places if each.version else ()) if wanted.environment in (None, one.environment)] for each in found
    ]
    awaited = [
        ((number, index), Awaited.of(place.current, each.version, known[number][index]))
        for number, each in enumerate(found)
        for index, place in enumerate(each.places)
        if each.version and place.current and place.current.step.role
    ]
    people = await could_complete(pool, [one for _, one in awaited])
    by_place = {where: holders for (where, _), holders in zip(awaited, people, strict=True)}
    at = await pool.fetchval("select statement_timestamp()")
    rows: list[BoardRow] = []
    for number, each in enumerate(found):
        places = [_place(one, current_view(one.steps, by_place.get((number, index), ()), at)) for index, one in enumerate(each.places)]
        rows.append(_row(each, places))
    return rows


def _place(place: Place, current: CurrentStep | None) -> PlaceView:
    ends = (place.have, place.need, place.sign_off_id, place.ended, current)
    return PlaceView(place.environment, place.step, place.since, place.waits_for, place.missing, *ends)


def _row(found: _Found, places: Sequence[PlaceView]) -> BoardRow:
    model = found.row
    return BoardRow(
        model["model_id"],
        model["name"],
        found.qualification,
        model["version_id"],
        model["number"],
        model["registered_at"],
        places,
        places[found.next] if found.next is not None else None,
        model["live_number"],
        model["live_environment"],
        model["lead_seconds"],
    )
