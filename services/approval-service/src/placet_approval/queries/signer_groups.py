"""How many people could sign, in which roles: all of them, and those who are there with the delegates of those who are not."""

from collections.abc import Collection

from placet_approval.domain.quorum_while_absent import Signers
from placet_approval.domain.reachable_quorum import SignerGroup
from placet_approval.ports import Reads

__all__ = ["find_signers"]

# People who have the same of the policy's roles are interchangeable. One delegate is taken for each absent person, rather one who has no
# signature of their own to give: a person signs once.
SIGNERS = """
    with holders as (
        select person_id, array(select r from unnest(roles) r where r = any ($1) order by r) as held
        from people where active and roles && $1 and person_id <> all ($2)
    ), absent as (
        select person_id, ends_at from absences
        where starts_at <= clock_timestamp() and (ends_at is null or clock_timestamp() < ends_at)
    ), stand_ins as (
        select distinct on (h.person_id) d.delegate_id as person_id, array(select r from unnest(d.roles) r where r = any (h.held)) as held
        from holders h join absent a using (person_id)
        join delegations d on d.delegator_id = h.person_id and d.ended_at is null and d.roles && h.held
                          and d.starts_at <= clock_timestamp() and clock_timestamp() < d.ends_at
                          and (d.environments = '{}' or $3 = any (d.environments))
        join people q on q.person_id = d.delegate_id and q.active and q.person_id <> all ($2)
        where not exists (select from absent b where b.person_id = d.delegate_id)
        order by h.person_id, q.roles && $1, d.delegation_id
    ), there as (
        select person_id, array(select distinct r from unnest(array_agg(held_one)) r order by r) as held
        from (
            select person_id, unnest(held) as held_one from holders h
            where not exists (select from absent a where a.person_id = h.person_id)
            union all select person_id, unnest(held) from stand_ins
        ) p group by person_id
    )
    select false as there, held, count(*) as people, null::timestamptz as back_at from holders group by held
    union all select true, held, count(*), null from there group by held
    union all select false, '{}', 0, min(a.ends_at) from holders join absent a using (person_id)
"""


async def find_signers(reads: Reads, roles: Collection[str], environment: str, without: Collection[str] = ()) -> Signers:
    """As of now; `without` are people who can't sign, in whose place none can either. Delegations count whatever models they are for."""
    rows = await reads.fetch(SIGNERS, sorted(roles), sorted(without), environment)

    def groups(there: bool) -> list[SignerGroup]:
        return [SignerGroup(frozenset(row["held"]), row["people"]) for row in rows if row["there"] is there]

    return Signers(groups(False), groups(True), next((row["back_at"] for row in rows if row["back_at"]), None))
