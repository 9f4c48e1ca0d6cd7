"""The inbox of a person: what waits for their signature or answer, what they requested, and what they signed that ended.

Nothing of it grows with the number of sign-offs: what waits is read along the index of the pending ones, the rest along indexes that
begin with the person.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg
import orjson

from placet_approval.domain.inbox import Awaited, groups_to_answer_for, roles_to_sign_in, urgency
from placet_approval.domain.policy_terms import INVOLVEMENTS, SignatureTerm
from placet_approval.domain.sign_off_quorum import Approval
from placet_approval.domain.sign_off_rules import Signer
from placet_approval.queries.inbox_views import Ended, Inbox, ToAnswer, ToSign
from placet_approval.queries.rounds import waiting_groups
from placet_approval.queries.sign_offs import SUMMARY, summaries
from placet_approval.queries.waiting_steps import steps_that_wait_for
from placet_shared.access import Actor

__all__ = ["read_inbox"]

REQUESTED = 10
ENDED = 10
# So many are looked at together, and so often: of more that the person has the roles for, the oldest.
AT_ONCE = 100
TIMES = 10

FOR_ROLES = """
    select sign_off_id from sign_offs
    where state = 'pending' and jsonb_path_query_array(signatures, '$[*].any_of[*]') ?| $1::text[] limit $2
"""
OLDEST = """
    select sign_off_id, jsonb_path_query_array(signatures, '$[*].any_of[*]') ?| $1::text[] as fits
    from sign_offs where state = 'pending' and sign_off_id > $2 order by sign_off_id limit $3
"""
AWAITED = f"""
    select {SUMMARY}, (s.policy ->> 'version')::integer as policy_version,
           (select content -> 'separation_of_duties' -> 'exclude' from policies p
            where p.environment = s.environment and p.version = (s.policy ->> 'version')::integer) as excludes,
           array(select part from known_involvements i where i.artifact_sha256 = s.artifact_sha256 and i.person_id = $2) as parts,
           array(select distinct issuer from sign_off_acts a, unnest(a.token_issuers) issuer
                 where a.sign_off_id = s.sign_off_id and (a.act = 'requested' or a.act = 'approved' and exists (
                     select from approvals p where p.sign_off_id = a.sign_off_id and p.person_id = a.actor_id))) as token_issuers,
           coalesce((select d.sha256 = s.artifact_sha256 from known_deployments d
                     where d.model_id = s.model_id and d.environment = s.environment), false) as runs_now,
           (select max(o.expires_at) from sign_offs o
            where o.version_id = s.version_id and o.environment = s.environment and o.state = 'approved'
              and o.expires_at > clock_timestamp()) as approved_until
    from sign_offs s where s.sign_off_id = any ($1)
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
    to_sign, more = await _to_sign(connection, Signer(actor.id, actor.kind, actor.roles), limit)
    requested = await summaries(connection, await connection.fetch(OWN_REQUESTS, actor.id, REQUESTED))
    rows = await connection.fetch(ENDINGS, actor.id, ENDED)
    ended = [Ended(one, row["ended_at"]) for one, row in zip(await summaries(connection, rows), rows, strict=True)]
    to_answer = await _to_answer(connection, Signer(actor.id, actor.kind, actor.roles))
    return Inbox(to_sign, more, to_answer, await steps_that_wait_for(connection, actor), requested, ended)


async def _to_answer(connection: asyncpg.Pool, signer: Signer) -> Sequence[ToAnswer]:
    """Up to a hundred of those that ask a group with one of the signer's roles; the oldest first."""
    ids = [row["sign_off_id"] for row in await connection.fetch(TO_ANSWER, sorted(signer.roles), AT_ONCE)]
    rows = await connection.fetch(AWAITED, ids, signer.id) if ids else []
    found = [
        ToAnswer(summary, groups)
        for row, summary in zip(rows, await summaries(connection, rows), strict=True)
        if summary.phase == "in_feedback" and (groups := groups_to_answer_for(signer, _awaited(row), *waiting_groups(row)))
    ]
    return sorted(found, key=lambda one: one.sign_off.requested_at)


async def _to_sign(connection: asyncpg.Pool, signer: Signer, limit: int) -> tuple[Sequence[ToSign], bool]:
    """Up to `limit`, and whether there may be more."""
    if signer.kind != "person" or not signer.roles:
        return (), False
    roles, now = sorted(signer.roles), datetime.now(UTC)
    few = [row["sign_off_id"] for row in await connection.fetch(FOR_ROLES, roles, AT_ONCE + 1)]
    found, more = (await _may_sign(connection, signer, few), False) if len(few) <= AT_ONCE else await _among_many(connection, signer, limit)
    found.sort(key=lambda one: urgency(one.sign_off.requested_at, one.runs_now, one.approved_until, now))
    return found[:limit], more or len(found) > limit


async def _among_many(connection: asyncpg.Pool, signer: Signer, limit: int) -> tuple[list[ToSign], bool]:
    """The oldest, until there are enough of them or enough were looked at."""
    found: list[ToSign] = []
    seen = ""
    for _ in range(TIMES):
        rows = await connection.fetch(OLDEST, sorted(signer.roles), seen, AT_ONCE)
        found += await _may_sign(connection, signer, [row["sign_off_id"] for row in rows if row["fits"]])
        if len(rows) < AT_ONCE:
            return found, False
        if len(found) > limit:
            break
        seen = rows[-1]["sign_off_id"]
    return found, True


async def _may_sign(connection: asyncpg.Pool, signer: Signer, ids: Sequence[str]) -> list[ToSign]:
    rows = await connection.fetch(AWAITED, ids, signer.id)
    return [
        ToSign(summary, roles, row["policy_version"], row["runs_now"], row["approved_until"])
        for row, summary in zip(rows, await summaries(connection, rows), strict=True)
        if summary.phase == "in_approval" and (roles := roles_to_sign_in(signer, _awaited(row)))
    ]


def _awaited(row: asyncpg.Record) -> Awaited:
    approvals = [
        (Approval(person, role, (), other, delegation), counts)
        for person, role, counts, other, delegation in orjson.loads(row["approvals"])
    ]
    return Awaited(
        requester=row["requester_id"],
        terms=[SignatureTerm.from_content(term) for term in orjson.loads(row["signatures"])],
        signed=[approval for approval, _ in approvals],
        counting=[approval for approval, counts in approvals if counts],
        excludes=orjson.loads(row["excludes"]) if row["excludes"] else INVOLVEMENTS,
        parts=row["parts"],
        token_issuers=row["token_issuers"],
    )
