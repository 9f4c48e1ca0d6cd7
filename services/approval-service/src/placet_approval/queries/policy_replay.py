"""The replay of an environment's past sign-offs under a draft, in words and numbers."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from placet_approval.domain.policies_in_force import PoliciesInForce
from placet_approval.domain.policy_replay import Outcome, Replayed
from placet_approval.domain.policy_terms import PolicyTerms
from placet_approval.domain.raised_terms import raised
from placet_approval.domain.replay_summary import ReplaySummary, every_model, not_replayed
from placet_approval.domain.replayed_demand import AskedPerson, AskedRoles
from placet_approval.domain.replayed_reasons import EFFECTS, Effect, ReplayReason
from placet_approval.domain.written_policy import WrittenPolicy
from placet_approval.queries.governed_models import governed_models
from placet_approval.queries.past_sign_offs import A_PAGE, History, history_of, past_sign_off
from placet_approval.queries.policies_in_force import read_in_force
from placet_shared.errors import Conflict

__all__ = ["MOST_SIGN_OFFS", "SINCE", "PolicyReplay", "ReplayOptions", "ReplayedExample", "replay_policy"]

SINCE = timedelta(days=180)
MOST_SIGN_OFFS = 100_000
MOST_HOLDERS = 1000
MOST_PEOPLE = 20
MOST_SECONDS = 120.0

NOW = "select clock_timestamp()"
HOLDERS = "select person_id, roles from people where active and roles && $1::text[] order by person_id limit $2"
NAMES = "select person_id, name from people_names where person_id = any ($1::text[])"
NAMED = """
    select s.sign_off_id, m.name as model, v.number
    from sign_offs s left join known_models m on m.model_id = s.model_id left join known_versions v on v.version_id = s.version_id
    where s.sign_off_id = any ($1::text[])
"""


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """Sign-offs that were first requested since then, as far as they are replayed in so many seconds; of each outcome so many examples."""

    since: datetime | None
    most: int
    examples: int
    seconds: float = MOST_SECONDS


@dataclass(frozen=True, slots=True)
class ReplayCount:
    """How many sign-offs have this reason; one may have several."""

    reason: ReplayReason
    effect: Effect
    sign_offs: int


@dataclass(frozen=True, slots=True)
class ReplayedReason:
    """One reason of a sign-off; `people` are ids of signers that it is about."""

    reason: ReplayReason
    detail: str
    people: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReplayedExample:
    """One sign-off that the draft would have changed; `decided_at` is when it was approved, or last signed."""

    sign_off_id: str
    model_id: str
    model: str | None
    number: int | None
    state: str
    outcome: Outcome
    requested_at: datetime
    decided_at: datetime
    reasons: Sequence[ReplayedReason]
    waits_at_least_seconds: int | None


@dataclass(frozen=True, slots=True)
class PersonAsked:
    """`must_be_asked` of `may_be_asked`: no more people with these roles are left than signatures are missing."""

    person_id: str
    name: str | None
    signed: int
    may_be_asked: int
    must_be_asked: int


@dataclass(frozen=True, slots=True)
class PolicyReplay:
    """What a draft would have made of the sign-offs of its environment."""

    environment: str
    since: datetime
    replayed: int
    complete: bool
    same: int
    blocked: int
    delayed: int
    let_through: int
    not_known: int
    reasons: Sequence[ReplayCount]
    shorter_validity: int
    longer_validity: int
    ended_by_now: int
    examples: Sequence[ReplayedExample]
    roles: Sequence[AskedRoles]
    people: Sequence[PersonAsked]
    people_in_all: int | None
    without_people: int
    not_replayed: Sequence[str]


async def replay_policy(pool: asyncpg.Pool, written: WrittenPolicy, options: ReplayOptions) -> PolicyReplay:
    """Reads page by page and judges each page in a thread, so that other requests go on.

    Replayed are the sign-offs of the models that it would be in force for, by their tags of today. A floor is replayed as the
    environment's own policy raised by it.
    """
    now: datetime = await pool.fetchval(NOW)
    since = options.since or now - SINCE
    policies = await read_in_force(pool, written.environment)
    draft = _terms(written, policies)
    governed = await governed_models(pool, written, policies, now)
    history, holders = await history_of(pool, draft), await _holders(pool, draft)
    selected = every_model if governed is None else lambda past: past.model_id in governed
    summary = ReplaySummary(draft, history.earlier, holders or {}, now, examples=options.examples, selected=selected)
    complete = await _replay_all(summary, history, since, options)
    return await _view(pool, draft, summary, since, complete=complete, people_known=holders is not None)


def _terms(written: WrittenPolicy, policies: PoliciesInForce) -> PolicyTerms:
    if isinstance(written.terms, PolicyTerms):
        return written.terms
    if policies.own is None:
        raise Conflict(
            f"{written.environment} has no policy of its own that this floor would raise.",
            code="no_policy",
            resolve="Define the environment's own policy first; a floor by itself asks for nothing.",
        )
    return raised(policies.own.terms, written.terms)


async def _replay_all(summary: ReplaySummary, history: History, since: datetime, options: ReplayOptions) -> bool:
    """Whether these are all of that time."""
    read, until = 0, time.monotonic() + options.seconds
    async for rows in history.pages(since, options.most + 1):
        await asyncio.to_thread(_judge, summary, rows[: options.most - read], history)
        read += len(rows)
        if len(rows) == A_PAGE and time.monotonic() > until:
            return False
    return read <= options.most


def _judge(summary: ReplaySummary, rows: Sequence[asyncpg.Record], history: History) -> None:
    summary.add(past_sign_off(row, history.policies) for row in rows)


async def _holders(pool: asyncpg.Pool, draft: PolicyTerms) -> Mapping[str, frozenset[str]] | None:
    """Who holds the roles that sign today; None where they are too many to say anything of one."""
    rows = await pool.fetch(HOLDERS, sorted(draft.signing_roles), MOST_HOLDERS + 1)
    if len(rows) > MOST_HOLDERS:
        return None
    return {row["person_id"]: frozenset(row["roles"]) & draft.signing_roles for row in rows}


async def _view(
    pool: asyncpg.Pool, draft: PolicyTerms, summary: ReplaySummary, since: datetime, *, complete: bool, people_known: bool
) -> PolicyReplay:
    outcomes, validity, people = summary.outcomes, summary.validity, summary.demand.people()
    return PolicyReplay(
        draft.environment,
        since,
        summary.replayed,
        complete,
        outcomes["same"],
        outcomes["blocked"],
        outcomes["delayed"],
        outcomes["let_through"],
        outcomes["not_known"],
        [ReplayCount(reason, EFFECTS[reason], number) for reason, number in summary.reasons.most_common()],
        validity["shorter"],
        validity["longer"],
        summary.ended_by_now,
        await _examples(pool, [one for some in summary.examples.values() for one in some]),
        summary.demand.roles(),
        await _people(pool, people[:MOST_PEOPLE]),
        len(people) if people_known else None,
        summary.demand.without_people if people_known else 0,
        not_replayed(draft),
    )


async def _people(pool: asyncpg.Pool, asked: Sequence[AskedPerson]) -> Sequence[PersonAsked]:
    names = dict(map(tuple, await pool.fetch(NAMES, [one.person_id for one in asked])))
    return [PersonAsked(one.person_id, names.get(one.person_id), one.signed, one.may_be_asked, one.must_be_asked) for one in asked]


async def _examples(pool: asyncpg.Pool, replayed: Iterable[Replayed]) -> Sequence[ReplayedExample]:
    shown = list(replayed)
    rows = await pool.fetch(NAMED, [one.sign_off.sign_off_id for one in shown])
    named = {row["sign_off_id"]: (row["model"], row["number"]) for row in rows}
    return [_example(one, *named.get(one.sign_off.sign_off_id, (None, None))) for one in shown]


def _example(one: Replayed, model: str | None, number: int | None) -> ReplayedExample:
    past = one.sign_off
    reasons = [ReplayedReason(finding.reason, finding.detail, finding.people) for finding in one.findings]
    waits = int(one.waits.total_seconds()) if one.waits else None
    return ReplayedExample(
        past.sign_off_id, past.model_id, model, number, past.state, one.outcome, past.requested_at, past.at, reasons, waits
    )  # fmt: skip
