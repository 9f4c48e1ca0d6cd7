"""The board, a page of models by name: each with its environments costs the same few steps along indexes at any number of models."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from placet_approval.domain.board import KnownPlace, Place, PlanOutcome, ShownSignOff, Waits, place_of, waiting_place
from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.sign_off_quorum import Approval
from placet_approval.queries.policies_in_force import terms_in_force

__all__ = ["BoardFilter", "BoardRow", "read_board"]

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
# Of the newest sign-offs the one that the gate goes by is chosen from these few; an approval that is no yes any more has the state of its
# end, and what people have not decided decides nothing.
PLACES = """
    select v.version_id, e.name as environment, (
        select json_agg(s) from (
            select s.sign_off_id, s.signatures, s.requested_at, s.changed_at,
                   case when s.state = 'approved' then coalesce((
                       select y.because from decision_about(s.artifact_sha256, s.environment, s.model_id, s.version_id) y
                       where y.sign_off_id = s.sign_off_id), s.state) else s.state end as state,
                   s.expires_at is not null or (s.state = 'rejected' and s.release_id is null) as decided,
                   (select json_agg(json_build_array(a.person_id, a.role))
                    from approvals a left join people h using (person_id)
                    where a.sign_off_id = s.sign_off_id and (s.state <> 'pending' or (h.active and a.role = any (h.roles)))) as approvals
            from sign_offs s where s.version_id = v.version_id and s.environment = e.name
            order by s.requested_at desc, s.sign_off_id desc limit 5
        ) s
    ) as sign_offs, (
        select json_agg(json_build_array(p.name, r.passed, r.finished_at) order by p.name)
        from known_models m
        join known_plans p on p.lookup && plan_keys(e.name, m.model_id, m.name, m.tags)
                          and plan_fits(p.lookup, p.every_model, p.patterns, plan_keys(e.name, m.model_id, m.name, m.tags), m.name)
        left join lateral (
            select r.passed, r.finished_at from known_runs r
            where r.version_id = v.version_id and r.environment = e.name and (r.plan_id, r.plan_version) = (p.plan_id, p.version)
            order by r.finished_at desc limit 1
        ) r on true
        where m.model_id = v.model_id
    ) as plans, (
        select json_agg(json_build_array(p.kind, p.content) order by not p.own, p.kind desc, p.policy_name)
        from policies_of_version(e.name, v.version_id) p
    ) as policies, (
        select d.reported_at from known_deployments d
        where d.model_id = v.model_id and d.environment = e.name and d.sha256 = v.artifact_sha256
    ) as deployed_since
    from known_versions v cross join known_environments e
    where v.version_id = any ($1::text[])
    order by v.version_id, e.place
"""
A_READ = 100
MOST_LOOKED_AT = 1000
"""Models that one answer looks at: a filter that few fit ends a page early, and the next page goes on."""
BEYOND = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """`model` is a name, or its beginning with `*` at the end; `waits_for` is what the row waits for next."""

    model: str | None = None
    environment: str | None = None
    waits_for: Waits | None = None


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
    places: Sequence[Place]
    next: Place | None
    live_number: int | None
    live_environment: str | None
    lead_time_seconds: int | None


async def read_board(
    pool: asyncpg.Pool, wanted: BoardFilter, after: tuple[str, str] | None, limit: int, most: int = MOST_LOOKED_AT
) -> tuple[list[BoardRow], tuple[str, str] | None]:
    """Rows in the order of names, and where the next page goes on, None at the end. A page may be short where a filter fits few."""
    rows: list[BoardRow] = []
    begin, end = _range(wanted.model)
    place = after or (begin, "")
    looked_at = 0
    while looked_at < most:
        number = min(A_READ, most if wanted.waits_for else limit - len(rows))
        read = await _read(pool, wanted, place, end, number)
        looked_at += number
        for index, row in enumerate(read.rows):
            place = (row.model, row.model_id)
            if wanted.waits_for is None or (row.next and row.next.waits_for == wanted.waits_for):
                rows.append(row)
            if len(rows) == limit:
                more = index + 1 < len(read.rows) or read.more
                return rows, place if more else None
        if not read.more:
            return rows, None
    return rows, place


@dataclass(frozen=True, slots=True)
class _Read:
    rows: Sequence[BoardRow]
    more: bool


async def _read(pool: asyncpg.Pool, wanted: BoardFilter, after: tuple[str, str], end: str, number: int) -> _Read:
    preventing = [row["name"] for row in await pool.fetch(PREVENTING)]
    models = await pool.fetch(MODELS, *after, end, preventing, number + 1)
    found = await pool.fetch(PLACES, [model["version_id"] for model in models[:number] if model["version_id"]])
    places: dict[str, list[KnownPlace]] = defaultdict(list)
    for row in found:
        places[row["version_id"]].append(_known_place(row))
    return _Read([_row(model, places[model["version_id"]], wanted) for model in models[:number]], len(models) > number)


def _range(pattern: str | None) -> tuple[str, str]:
    """Names from the first on and before the second."""
    if pattern is None:
        return "", BEYOND
    if pattern.endswith("*"):
        return pattern[:-1], pattern[:-1] + BEYOND
    return pattern, pattern + "\x01"


def _known_place(row: Mapping[str, Any]) -> KnownPlace:
    policy = terms_in_force(_json(row["policies"]))
    plans = [PlanOutcome(name, passed, ended and datetime.fromisoformat(ended)) for name, passed, ended in _json(row["plans"])]
    deciding = _deciding(_json(row["sign_offs"]))
    return KnownPlace(row["environment"], policy, plans, _sign_off(deciding) if deciding else None, row["deployed_since"])


def _deciding(sign_offs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """As the gate chooses it: the newest decided one, unless that is no yes and another is pending, or facts have ended it."""
    decided = next((one for one in sign_offs if one["decided"]), None)
    pending = next((one for one in sign_offs if one["state"] == "pending"), None)
    if decided and (decided["state"] == "approved" or (not pending and decided["state"] != "invalidated")):
        return decided
    return pending or next(iter(sign_offs), None)


def _sign_off(row: Mapping[str, Any]) -> ShownSignOff:
    return ShownSignOff(
        row["sign_off_id"],
        row["state"],
        [SignatureTerm.from_content(term) for term in row["signatures"]],
        [Approval(person, role) for person, role in row["approvals"] or ()],
        datetime.fromisoformat(row["requested_at"]),
        datetime.fromisoformat(row["changed_at"]),
    )


def _row(model: Mapping[str, Any], known: Sequence[KnownPlace], wanted: BoardFilter) -> BoardRow:
    registered_at = model["registered_at"]
    places = [place_of(one, registered_at, known[:number][::-1]) for number, one in enumerate(known)]
    if wanted.environment is not None:
        places = [place for place in places if place.environment == wanted.environment]
    asks = [bool(one.policy is None or one.policy.signatures) for one in known if wanted.environment in (None, one.environment)]
    return BoardRow(
        model["model_id"],
        model["name"],
        {name.removeprefix("governance/"): value for name, value in orjson.loads(model["tags"]).items()},
        model["version_id"],
        model["number"],
        registered_at,
        places,
        waiting_place(places, asks),
        model["live_number"],
        model["live_environment"],
        model["lead_seconds"],
    )


def _json(text: str | None) -> Any:
    return orjson.loads(text) if text else ()
