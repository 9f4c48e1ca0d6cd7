"""What one who may be told is told of: what waits for a person by the rules of signing, or for a group by what is still asked for."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import asyncpg
import orjson

from placet_approval.domain.inbox import urgency
from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.sign_off_quorum import Approval, progress
from placet_approval.domain.told import Told, What
from placet_approval.queries.readers import Reader
from placet_approval.queries.rounds import phase_of_row, waiting_groups
from placet_approval.queries.waiting_for_person import AWAITED, acting_person, to_answer, to_sign

__all__ = ["new_for"]

# Anew: a round, a reminder, an escalation. An escalation that was made has no time any more.
ABOUT = f"""
    select a.*, case when o.escalate_at is null then o.escalate_to end as escalated_to,
           (select count(*) from sign_off_acts t where t.sign_off_id = a.id and t.act in ('reset', 'reminded', 'escalated')) as times,
           array(select k.occasion from told k where k.reader_id = $3 and k.sign_off_id = a.id) as known
    from ({AWAITED}) a join sign_offs o on o.sign_off_id = a.id
"""


async def new_for(connection: asyncpg.Pool, reader: Reader) -> Sequence[Told]:
    """Of the reader's `ids` what they were not told of yet, the most urgent first."""
    rows = {row["id"]: row for row in await connection.fetch(ABOUT, reader.ids, [], reader.reader_id)} if reader.ids else {}
    if not rows:
        return []
    waiting = await _for_person(connection, reader, rows) if reader.person else list(_for_group(reader, rows))
    said = {one.sign_off_id for one in waiting}
    waiting += [_told(row, "look", [row["escalated_to"]]) for row in rows.values() if _is_escalated(row, reader) and row["id"] not in said]
    now = datetime.now(UTC)
    new = [one for one in waiting if one.occasion not in rows[one.sign_off_id]["known"]]
    return sorted(new, key=lambda one: urgency(rows[one.sign_off_id]["requested_at"], one.runs_now, one.approved_until, one.ends_at, now))


async def _for_person(connection: asyncpg.Pool, reader: Reader, rows: Mapping[str, asyncpg.Record]) -> list[Told]:
    assert reader.person is not None
    person = await acting_person(connection, reader.person)
    signing = await to_sign(connection, person, [*rows])
    answering = await to_answer(connection, person, [*rows])
    return [
        *(
            _told(rows[one.sign_off.id], "sign", one.roles, [other.person.name or other.person.id for other in one.for_others])
            for one in signing
        ),
        *(_told(rows[one.sign_off.id], "answer", one.groups) for one in answering),
    ]


def _for_group(reader: Reader, rows: Mapping[str, asyncpg.Record]) -> Iterator[Told]:
    """Not by persons: who of them may sign depends on their part in it."""
    for row in rows.values():
        phase = phase_of_row(row)
        if phase == "in_approval" and (roles := sorted(reader.roles & _still_asked_for(row))):
            yield _told(row, "sign", roles)
        elif phase == "in_feedback" and (
            groups := [term.group for term in waiting_groups(row)[0] if reader.roles.intersection(term.any_of)]
        ):
            yield _told(row, "answer", groups)


def _still_asked_for(row: asyncpg.Record) -> set[str]:
    terms = [SignatureTerm.from_content(term) for term in orjson.loads(row["signatures"])]
    counting = [Approval(person, role) for person, role, counts, *_ in orjson.loads(row["approvals"]) if counts]
    missing = progress(terms, counting).missing
    return {role for term in (missing[:1] if row["in_sequence"] else missing) for role in term.any_of}


def _is_escalated(row: asyncpg.Record, reader: Reader) -> bool:
    return row["escalated_to"] in reader.roles


def _told(row: asyncpg.Record, what: What, roles: Sequence[str], for_whom: Sequence[str] = ()) -> Told:
    return Told(
        row["id"],
        f"{row['model'] or row['model_id']}/{row['number']}",
        row["environment"],
        what,
        roles,
        row["policy_version"],
        row["runs_now"],
        row["approved_until"],
        row["ends_at"],
        for_whom,
        row["times"],
    )
