"""What a person may sign or answer among given sign-offs, in their own name and in the place of others.

The inbox reads it, and so does what tells people of what waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg
import orjson

from placet_approval.domain.authority import Authority
from placet_approval.domain.inbox import Awaited, StandIn, due_at, groups_to_answer_for, roles_to_sign_in
from placet_approval.domain.involvement import Claim
from placet_approval.domain.policy_terms import INVOLVEMENTS, SignatureTerm
from placet_approval.domain.sign_off_quorum import Approval
from placet_approval.domain.sign_off_rules import Signer
from placet_approval.queries.inbox_views import ForOther, ToAnswer, ToSign
from placet_approval.queries.rounds import waiting_groups
from placet_approval.queries.sign_off_views import Holder
from placet_approval.queries.sign_offs import SUMMARY, summaries
from placet_shared.access import Actor
from placet_shared.model_selectors import SelectableModel

__all__ = ["ActingPerson", "acting_person", "to_answer", "to_sign"]

STAND_INS = """
    (select d.delegator_id as person_id, array(select r from unnest(d.roles) r where r = any (p.roles) order by r) as roles,
            d.environments, d.models, d.delegation_id, null as sign_off_id
     from delegations d join people p on p.person_id = d.delegator_id and p.active and p.roles && d.roles
     where d.delegate_id = $1 and d.ended_at is null and d.starts_at <= clock_timestamp() and clock_timestamp() < d.ends_at
     order by d.delegation_id limit 100)
    union all
    (select r.absent_id, array[r.role], '{}', '{}', null, r.sign_off_id
     from reassignments r join people p on p.person_id = r.absent_id and p.active and r.role = any (p.roles)
     where r.person_id = $1 and exists (select from sign_offs s where s.sign_off_id = r.sign_off_id and s.state = 'pending')
     order by r.sign_off_id limit 100)
"""
NAMES = "select person_id as id, name, display_name from people_names where person_id = any ($1)"
AWAITED = f"""
    select {SUMMARY}, (s.policy ->> 'version')::integer as policy_version, s.in_sequence,
           bound_excludes(s.policy) as excludes,
           coalesce((select jsonb_agg(jsonb_build_array(i.person_id, i.part, i.claimed_by)) from known_involvements i
                     where i.artifact_sha256 = s.artifact_sha256 and i.person_id = any ($2)), '[]') as claims,
           (select jsonb_agg(jsonb_build_array(i.person_id, i.part, i.claimed_by))
            from sign_offs m join known_involvements i on i.artifact_sha256 = m.artifact_sha256 and i.person_id = any ($2)
            where m.release_id = s.release_id) as claims_in_release,
           array(select distinct issuer from sign_off_acts a, unnest(a.token_issuers) issuer
                 where a.sign_off_id = s.sign_off_id and (a.act = 'requested' or a.act = 'approved' and exists (
                     select from approvals p where p.sign_off_id = a.sign_off_id and p.person_id = a.actor_id))) as token_issuers,
           coalesce((select d.sha256 = s.artifact_sha256 from known_deployments d
                     where d.model_id = s.model_id and d.environment = s.environment), false) as runs_now,
           (select o.expires_at from decision_about(s.artifact_sha256, s.environment, s.model_id, s.version_id) y
            join sign_offs o using (sign_off_id) where y.because is null) as approved_until
    from sign_offs s where s.sign_off_id = any ($1) and s.state = 'pending'
"""


@dataclass(frozen=True, slots=True)
class ActingPerson:
    """A person, with those in whose place they may sign now."""

    signer: Signer
    stand_ins: Sequence[StandIn]
    names: Mapping[str, Holder]

    @property
    def roles(self) -> list[str]:
        """All in which they may sign something."""
        return sorted(self.signer.roles.union(*(one.authority.roles for one in self.stand_ins)))

    @property
    def people(self) -> list[str]:
        """The person, and the others."""
        return [self.signer.id, *sorted({one.authority.person_id for one in self.stand_ins})]


async def acting_person(connection: asyncpg.Pool, actor: Actor) -> ActingPerson:
    """As of now; a service account acts for no other."""
    signer = Signer(actor.id, actor.kind, actor.roles)
    rows = await connection.fetch(STAND_INS, actor.id) if actor.kind == "person" else []
    stand_ins = [
        StandIn(
            Authority(row["person_id"], frozenset(row["roles"]), row["delegation_id"]),
            row["environments"],
            row["models"],
            row["sign_off_id"],
        )
        for row in rows
    ]
    names = await connection.fetch(NAMES, sorted({row["person_id"] for row in rows})) if rows else []
    return ActingPerson(signer, stand_ins, {row["id"]: Holder(**row) for row in names})


async def to_sign(connection: asyncpg.Pool, person: ActingPerson, ids: Sequence[str]) -> list[ToSign]:
    """Those of these that the person may sign now, in the order of the rows.

    A release is signed as one: a part in one version of it keeps a person from all of them.
    """
    rows = await connection.fetch(AWAITED, ids, person.people) if ids else []
    found = []
    for row, summary in zip(rows, await summaries(connection, rows), strict=True):
        awaited = _awaited(row, "claims_in_release" if row["claims_in_release"] else "claims")
        own = roles_to_sign_in(person.signer, awaited)
        others = _for_others(person, row, awaited)
        if summary.phase == "in_approval" and (own or others):
            until, due = row["approved_until"], due_at(row["runs_now"], row["approved_until"], row["ends_at"])
            found.append(ToSign(summary, own, others, row["policy_version"], row["runs_now"], until, due))
    return found


async def to_answer(connection: asyncpg.Pool, person: ActingPerson, ids: Sequence[str]) -> list[ToAnswer]:
    """Those of these that ask a group with one of the person's roles for feedback that they could give."""
    rows = await connection.fetch(AWAITED, ids, [person.signer.id]) if ids else []
    return [
        ToAnswer(summary, groups)
        for row, summary in zip(rows, await summaries(connection, rows), strict=True)
        if summary.phase == "in_feedback" and (groups := groups_to_answer_for(person.signer, _awaited(row), *waiting_groups(row)))
    ]


def _for_others(person: ActingPerson, row: asyncpg.Record, awaited: Awaited) -> Sequence[ForOther]:
    model = SelectableModel(row["model_id"], row["model"] or "")
    found = []
    for one in person.stand_ins:
        if one.covers(row["id"], row["environment"], model) and (roles := roles_to_sign_in(person.signer, awaited, one.authority)):
            other = one.authority.person_id
            found.append(ForOther(person.names.get(other) or Holder(other, None, None), roles, one.authority.delegation_id))
    return found


def _awaited(row: asyncpg.Record, claims: str = "claims") -> Awaited:
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
        claims=[Claim(*claim) for claim in orjson.loads(row[claims])],
        token_issuers=row["token_issuers"],
        in_sequence=row["in_sequence"],
    )
