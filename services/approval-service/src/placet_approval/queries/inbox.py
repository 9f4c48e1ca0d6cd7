"""The inbox of a person: what waits for their signature or answer, what they requested, and what they signed that ended.

Nothing of it grows with the number of sign-offs: what waits is read along the index of the pending ones, the rest along indexes that
begin with the person.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg

from placet_approval.domain.inbox import urgency
from placet_approval.queries.inbox_views import Ended, Inbox, ToAnswer, ToSign
from placet_approval.queries.sign_offs import SUMMARY, summaries
from placet_approval.queries.waiting_for_person import ActingPerson, acting_person, to_answer, to_sign
from placet_approval.queries.waiting_steps import steps_that_wait_for
from placet_shared.access import Actor

__all__ = ["read_inbox"]

REQUESTED = 10
ENDED = 10
# So many are looked at together, and so often: of more that the person has the roles for, the oldest.
AT_ONCE = 100
TIMES = 10
# Fewer of a page for these roles: they may be few among all, which the index by roles finds; it would read all of many.
FEW = 10

OLDEST = """
    select sign_off_id, jsonb_path_query_array(signatures, '$[*].any_of[*]') ?| $1::text[] as fits
    from sign_offs where state = 'pending' and sign_off_id > $2 order by sign_off_id limit $3
"""
FOR_ROLES = """
    select sign_off_id from sign_offs
    where state = 'pending' and jsonb_path_query_array(signatures, '$[*].any_of[*]') ?| $1::text[] limit $2
"""
TO_ANSWER = """
    select sign_off_id from sign_offs
    where state = 'pending' and jsonb_path_query_array(feedback_terms, '$[*].any_of[*]') ?| $1::text[] limit $2
"""
OWN_REQUESTS = f"""
    select {SUMMARY} from (select * from sign_offs where requester_id = $1 order by requester_id desc, sign_off_id desc limit $2) s
    order by s.sign_off_id desc
"""
ENDINGS = f"""
    select {SUMMARY}, e.ended_at
    from (select sign_off_id, ended_at from signed_endings where person_id = $1 and ended_at <= clock_timestamp()
          order by ended_at desc limit $2) e
    join lateral (select * from sign_offs o where o.sign_off_id = e.sign_off_id limit 1) s on true
    order by e.ended_at desc
"""


async def read_inbox(connection: asyncpg.Pool, actor: Actor, limit: int) -> Inbox:
    """The actor's own, with at most so many to sign; the most urgent of them first."""
    person = await acting_person(connection, actor)
    signing, more = await _to_sign(connection, person, limit)
    requested = await summaries(connection, await connection.fetch(OWN_REQUESTS, actor.id, REQUESTED))
    rows = await connection.fetch(ENDINGS, actor.id, ENDED)
    ended = [Ended(one, row["ended_at"]) for one, row in zip(await summaries(connection, rows), rows, strict=True)]
    to_complete = await steps_that_wait_for(connection, actor)
    return Inbox(signing, more, await _to_answer(connection, person), to_complete, requested, ended)


async def _to_answer(connection: asyncpg.Pool, person: ActingPerson) -> Sequence[ToAnswer]:
    """Up to a hundred of those that ask a group with one of the person's own roles; the most urgent first."""
    rows = await connection.fetch(TO_ANSWER, sorted(person.signer.roles), AT_ONCE)
    found = await to_answer(connection, person, [row["sign_off_id"] for row in rows])
    return sorted(found, key=lambda one: (one.sign_off.ends_at is None, one.sign_off.ends_at or one.sign_off.requested_at))


async def _to_sign(connection: asyncpg.Pool, person: ActingPerson, limit: int) -> tuple[Sequence[ToSign], bool]:
    """Up to `limit`, and whether there may be more."""
    if person.signer.kind != "person" or not person.roles:
        return (), False
    now = datetime.now(UTC)
    found, more = await _among_all(connection, person, limit)
    found.sort(key=lambda one: urgency(one.sign_off.requested_at, one.runs_now, one.approved_until, one.sign_off.ends_at, now))
    return found[:limit], more or len(found) > limit


async def _among_all(connection: asyncpg.Pool, person: ActingPerson, limit: int) -> tuple[list[ToSign], bool]:
    """The oldest, until there are enough of them or enough were looked at."""
    found: list[ToSign] = []
    seen, looked_at = "", 0
    for page in range(TIMES):
        rows = await connection.fetch(OLDEST, person.roles, seen, AT_ONCE)
        fitting = [row["sign_off_id"] for row in rows if row["fits"]]
        is_last = len(rows) < AT_ONCE
        if page == 0 and not is_last and len(fitting) < FEW:
            few = [row["sign_off_id"] for row in await connection.fetch(FOR_ROLES, person.roles, AT_ONCE + 1)]
            if len(few) <= AT_ONCE:
                return await to_sign(connection, person, few), False
        found += await to_sign(connection, person, fitting)
        looked_at += len(fitting)
        if is_last or (looked_at >= AT_ONCE and len(found) > limit):
            return found, not is_last
        seen = rows[-1]["sign_off_id"]
    return found, True
