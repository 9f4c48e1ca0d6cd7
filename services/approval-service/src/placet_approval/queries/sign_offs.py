"""The list of sign-offs, and one of them with all that signers need for their decision."""

from collections.abc import Collection, Sequence
from typing import Any

import asyncpg
import orjson

from placet_approval.domain.involvement import Claim as DomainClaim
from placet_approval.domain.involvement import claims_against, excluded_people
from placet_approval.domain.policy_terms import INVOLVEMENTS, SignatureTerm
from placet_approval.domain.sign_off_quorum import Approval, progress
from placet_approval.queries import rounds
from placet_approval.queries.selecting_sign_offs import SignOffFilter, sign_offs_page
from placet_approval.queries.sign_off_views import (
    Act,
    Binds,
    BoundResult,
    Claim,
    Evidence,
    Holder,
    Invalidation,
    PossibleSigner,
    SaidText,
    SameBytes,
    Signature,
    SignOffSummary,
    SignOffView,
    StandingNo,
    TermProgress,
)
from placet_approval.queries.steps import steps_of
from placet_approval.queries.who_may_sign import who_may_sign
from placet_shared.model_selectors import SelectableModel

__all__ = ["SUMMARY", "list_sign_offs", "read_sign_off", "summaries"]

# Looked up for each sign-off: to plan joins takes longer than to read a page.
SUMMARY = """
    s.sign_off_id as id, s.state, s.state = 'approved' and s.expires_at <= clock_timestamp() as expired, s.model_id,
    (select m.name from known_models m where m.model_id = s.model_id) as model, s.version_id,
    (select v.number from known_versions v where v.version_id = s.version_id) as number, s.environment,
    s.requester_id, s.signatures, s.requested_at, s.changed_at, s.expires_at, s.round, s.ends_at, s.changes_requested, s.release_id,
    s.feedback_terms, s.issues, clock_timestamp() as read_at,
    (select coalesce(jsonb_agg(f || jsonb_build_object('counts', coalesce(
                 (select h.active and f ->> 'role' = any (h.roles) from people h where h.person_id = f ->> 'person_id'), false))
                 order by place), '[]')
     from jsonb_array_elements(s.feedback) with ordinality one (f, place)) as feedback,
    coalesce((select jsonb_agg(jsonb_build_array(
                  a.person_id, a.role, s.state <> 'pending' or coalesce(
                      (select h.active from people h where h.person_id = a.person_id)
                      and (select h.active and a.role = any (h.roles) from people h
                           where h.person_id = coalesce(a.on_behalf_of, a.person_id))
                      and not exists (select from delegations g where g.delegation_id = a.delegation_id and g.ended_at is not null), false),
                  a.on_behalf_of, a.delegation_id)
                  order by a.granted_at)
              from approvals a where a.sign_off_id = s.sign_off_id), '[]') as approvals
"""
COLUMNS = (
    "id", "state", "expired", "model_id", "model", "version_id", "number", "environment", "requested_at", "changed_at", "expires_at",
    "round", "ends_at", "release_id",
)  # fmt: skip
LIST = f"""
    select {SUMMARY} from ({{page}}) s order by s.sign_off_id desc
"""
READ = f"""
    select {SUMMARY}, s.artifact_sha256, s.evidence, s.policy, s.noes_answered, s.contested, s.set_aside, s.invalidated, s.stream_version,
           s.conditions, s.in_sequence,
           bound_excludes(s.policy) as excludes
    from sign_offs s
    where s.sign_off_id = $1
"""
# The newest run that repeats the bound one and measured the same: it renews the evidence.
EVIDENCE = """
    select r.*, not exists (select from known_training_data t where t.artifact_sha256 = $4 and t.sha256 = r.dataset_sha256)
           and (r.dataset_sha256 is not null or null) as held_out
    from jsonb_to_recordset($3::jsonb) b (run_id text, result_sha256 text)
    join known_runs o on (o.run_id, o.result_sha256) = (b.run_id, b.result_sha256)
    cross join lateral (
        select run_id, plan, plan_version, passed, result_sha256, finished_at,
               substring(pins from 'evaluation ([0-9a-f]{64})') as dataset_sha256
        from known_outcomes
        where version_id = $1 and environment = $2 and (plan_id, plan_version, pins) = (o.plan_id, o.plan_version, o.pins)
          and measured_sha256 = o.measured_sha256
        order by as_of desc, run_id desc limit 1
    ) r
    order by r.plan
"""
CLAIMS = "select person_id, part, claimed_by from known_involvements where artifact_sha256 = $1 order by claimed_at, person_id, part"
SAME_BYTES = """
    select v.version_id, v.model_id, m.name as model, v.number, count(*) over () as in_all
    from known_versions v left join known_models m using (model_id)
    where v.artifact_sha256 = $1 and v.version_id <> $2
    order by v.registered_at desc, v.version_id desc limit 100
"""
NOES = """
    select n.*, m.name as model, v.number, a.text_id, a.text_hmac, t.body
    from standing_noes n
    left join known_models m using (model_id) left join known_versions v using (version_id)
    left join sign_off_acts a on a.sign_off_id = n.sign_off_id and a.act = n.kind
    left join texts t on t.id = a.text_id
    where n.artifact_sha256 = $1 and n.environment = $2 and n.sign_off_id <> $3
    order by n.said_at desc limit 100
"""
ACTS = """
    select a.act, a.actor_id, a.on_behalf_of, a.role, a.token_issuers, a.acted_at, a.text_id, a.text_hmac, t.body
    from sign_off_acts a left join texts t on t.id = a.text_id
    where a.sign_off_id = $1 order by a.stream_version
"""
HOLDERS = """
    select p.person_id as id, n.name, n.display_name from people p left join people_names n using (person_id) where p.person_id = any ($1)
    union all
    select account_id, name, null from service_accounts where account_id = any ($1)
"""


async def list_sign_offs(connection: asyncpg.Pool, wanted: SignOffFilter, before: str | None, limit: int) -> list[SignOffSummary]:
    """Newest first, from the one requested before id `before`."""
    page = await sign_offs_page(connection, wanted, before, limit)
    return await summaries(connection, await connection.fetch(LIST.format(page=page.sql), *page.args))


async def summaries(connection: asyncpg.Pool, rows: Sequence[asyncpg.Record]) -> list[SignOffSummary]:
    """Of rows with the columns of `SUMMARY`."""
    holders = await _holders(connection, [row["requester_id"] for row in rows])
    return [SignOffSummary(**_summary(row, holders)) for row in rows]


async def read_sign_off(connection: asyncpg.Pool, sign_off_id: str) -> SignOffView | None:
    """One sign-off with evidence, progress and comments; None when there is none."""
    row = await connection.fetchrow(READ, sign_off_id)
    if row is None:
        return None
    digest, environment = row["artifact_sha256"], row["environment"]
    acts = await connection.fetch(ACTS, sign_off_id)
    runs = await connection.fetch(EVIDENCE, row["version_id"], environment, row["evidence"], digest)
    claims = [DomainClaim(*claim) for claim in await connection.fetch(CLAIMS, digest)]
    same_bytes = await connection.fetch(SAME_BYTES, digest, row["version_id"])
    noes = await connection.fetch(NOES, digest, environment, sign_off_id)
    approvals = orjson.loads(row["approvals"])
    excludes = orjson.loads(row["excludes"]) if row["excludes"] else INVOLVEMENTS
    excluded = excluded_people(row["requester_id"], claims, excludes)
    signers = [one for person, _, _, other, _ in approvals for one in (person, other) if one]
    people = {row["requester_id"], *excluded, *(no["person_id"] for no in noes), *signers}
    people.update(rounds.people_of(row))
    people.update(person for act in acts for person in (act["actor_id"], act["on_behalf_of"], *act["token_issuers"]) if person)
    holders = await _holders(connection, sorted(people))
    return SignOffView(
        **_summary(row, holders),
        binds=Binds(digest, [BoundResult(**one) for one in orjson.loads(row["evidence"])], orjson.loads(row["policy"])),
        evidence=[Evidence(**run) for run in runs],
        signatures=[
            Signature(_holder(holders, person), role, counts, _holder(holders, other) if other else None, delegation)
            for person, role, counts, other, delegation in approvals
        ],
        excluded=excluded,
        same_bytes=[SameBytes(one["version_id"], one["model_id"], one["model"], one["number"]) for one in same_bytes],
        same_bytes_in_all=same_bytes[0]["in_all"] if same_bytes else 0,
        noes=[_no(no, holders, row["noes_answered"]) for no in noes],
        contested=[Claim(claim.person_id, claim.part, claim.claimed_by) for claim in _contested(row, approvals, claims, excludes)],
        invalidated=Invalidation(**orjson.loads(row["invalidated"])) if row["invalidated"] else None,
        acts=[_act(act, holders) for act in acts],
        groups=rounds.groups_of(row),
        feedback=rounds.feedback_of(row, holders),
        issues=rounds.issues_of(row, holders, acts),
        conditions=rounds.conditions_of(row, holders, acts),
        in_sequence=row["in_sequence"],
        steps=await steps_of(connection, row["version_id"], environment),
        can_sign=await _can_sign(connection, row, {*excluded, *signers}),
        version_of_stream=row["stream_version"],
    )


async def _can_sign(connection: asyncpg.Pool, row: asyncpg.Record, out: Collection[str]) -> Sequence[PossibleSigner]:
    """None sign one that is over."""
    if row["state"] != "pending":
        return []
    asked_for = {role for term in orjson.loads(row["signatures"]) for role in term["any_of"]}
    model = SelectableModel(row["model_id"], row["model"] or "")
    return await who_may_sign(connection, row["id"], row["environment"], model, asked_for, out)


def _contested(row: asyncpg.Record, approvals: Sequence[Any], claims: Sequence[DomainClaim], excludes: Sequence[Any]) -> list[DomainClaim]:
    """As the gate sees it, noted or not."""
    if row["state"] != "approved":
        return []
    set_aside = [DomainClaim.from_content(claim) for claim in orjson.loads(row["set_aside"])]
    against = claims_against([one for person, _, _, other, _ in approvals for one in (person, other) if one], claims, excludes)
    return [claim for claim in against if not claim.about_oneself and claim not in set_aside]


def _no(row: asyncpg.Record, holders: dict[str, Holder], answered: int | None) -> StandingNo:
    said = SaidText(id=str(row["text_id"]), hmac=row["text_hmac"], text=row["body"], erased=row["body"] is None) if row["text_id"] else None
    return StandingNo(
        **{name: row[name] for name in ("sign_off_id", "kind", "version_id", "model_id", "model", "number")},
        by=_holder(holders, row["person_id"]),
        at=row["said_at"],
        said=said,
        answered=answered is not None and row["ordinal"] <= answered,
    )


async def _holders(connection: asyncpg.Pool, ids: Sequence[str]) -> dict[str, Holder]:
    return {row["id"]: Holder(**row) for row in await connection.fetch(HOLDERS, list(ids))}


def _holder(holders: dict[str, Holder], holder_id: str) -> Holder:
    return holders.get(holder_id) or Holder(holder_id, None, None)


def _summary(row: asyncpg.Record, holders: dict[str, Holder]) -> dict[str, Any]:
    terms = [SignatureTerm.from_content(term) for term in orjson.loads(row["signatures"])]
    now = progress(terms, [Approval(person, role) for person, role, counts, *_ in orjson.loads(row["approvals"]) if counts])
    return {
        **{name: row[name] for name in COLUMNS},
        "requester": _holder(holders, row["requester_id"]),
        "have": sum(now.have),
        "need": sum(term.count for term in terms),
        "phase": rounds.phase_of_row(row),
        "progress": [TermProgress(term.any_of, have, term.count) for term, have in zip(terms, now.have, strict=True)],
    }


def _act(row: asyncpg.Record, holders: dict[str, Holder]) -> Act:
    said = None
    if row["text_id"]:
        said = SaidText(id=str(row["text_id"]), hmac=row["text_hmac"], text=row["body"], erased=row["body"] is None)
    return Act(
        act=row["act"],
        by=_holder(holders, row["actor_id"]),
        on_behalf_of=_holder(holders, row["on_behalf_of"]) if row["on_behalf_of"] else None,
        role=row["role"],
        token_issuers=[_holder(holders, person) for person in row["token_issuers"]],
        at=row["acted_at"],
        said=said,
    )
