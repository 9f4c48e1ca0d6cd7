"""The history that led to a mark: which event stood at a position, and in which epoch (rule 27).

The id of an event is the identity of its position: a source that was restored counts on with the same numbers. The ids of the last
events are kept beside the mark; of older ones the nonce of their epoch is.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import asyncpg
import orjson

from placet_shared.bus.marks import Mark
from placet_shared.event_store.records import Position, RecordedEvent

__all__ = ["KEPT", "STOOD_AS_JSON", "Known", "contradicting", "forget_after", "id_at", "knows", "remember", "stands", "stood_from_json"]

KEPT = 1000
REMEMBER = """
    with gone as (delete from recent_events where source = $1 and position <= $4)
    insert into recent_events select $1, e.position, e.id from unnest($2::bigint[], $3::uuid[]) e(position, id)
    on conflict (source, position) do update set event_id = excluded.event_id
"""
OPEN_EPOCH = """
    insert into known_epochs values ($1, $2, $3, $4)
    on conflict (source, epoch) do update set first_position = excluded.first_position, nonce = excluded.nonce
"""
FORGET_EVENTS = "delete from recent_events where source = $1 and position > $2"
FORGET_EPOCHS = "delete from known_epochs where source = $1 and first_position > $2"
ID_AT = "select event_id::text from recent_events where source = $1 and position = $2"
IDS_AT = "select position, event_id::text as id from recent_events where source = $1 and position = any ($2::bigint[])"
# The mark, the id at each of these positions, and the epoch which that position is of.
LOOK_BACK = """
    select m.*, m.event_id::text as id, w.position as wanted, r.event_id::text as stood, e.epoch as epoch_then, e.nonce as nonce_then
    from marks m cross join unnest($2::bigint[]) w(position)
    left join recent_events r on r.source = m.source and r.position = w.position
    left join lateral (
        select epoch, nonce from known_epochs k where k.source = m.source and k.first_position <= w.position
        order by first_position desc limit 1
    ) e on true
    where m.source = $1
"""
# For a statement that reads something else too; the heads' names and positions are its arguments.
STOOD_AS_JSON = """
    (select json_object_agg(r.source, r.event_id)
     from recent_events r join unnest({names}::text[], {positions}::bigint[]) h(source, position) using (source, position))
"""

Known = Literal["applied", "another", "unknown"]


async def remember(
    connection: asyncpg.Connection, name: str, mark: Mark, events: Sequence[RecordedEvent], nonces: Mapping[int, str | None]
) -> None:
    """Record events that follow the mark; `nonces` are those of their epochs, as far as the source has sent them."""
    last = events[-1].position
    await connection.execute(REMEMBER, name, [event.position for event in events], [event.id for event in events], last - KEPT)
    epoch = mark.epoch
    for event in events:
        if event.epoch != epoch:
            await connection.execute(OPEN_EPOCH, name, event.epoch, event.position, nonces.get(event.epoch))
            epoch = event.epoch


async def forget_after(connection: asyncpg.Connection, name: str, position: int) -> None:
    """Forget later events: they were of a branch that the source has lost."""
    await connection.execute(FORGET_EVENTS, name, position)
    await connection.execute(FORGET_EPOCHS, name, position)


async def contradicting(connection: asyncpg.Connection, name: str, mark: Mark, events: Sequence[RecordedEvent]) -> RecordedEvent | None:
    """One of these events that stands where another one stood when it was applied here."""
    past = {event.position: event for event in events if event.position <= mark.position}
    if not past:
        return None
    stood = {row["position"]: row["id"] for row in await connection.fetch(IDS_AT, name, [*past])} | {mark.position: mark.event_id}
    return next((event for position, event in past.items() if stood.get(position, event.id) != event.id), None)


async def id_at(connection: asyncpg.Connection | asyncpg.Pool, name: str, position: int) -> str | None:
    """Which event stood there, if that is kept."""
    found: str | None = await connection.fetchval(ID_AT, name, position)
    return found


async def knows(
    connection: asyncpg.Connection | asyncpg.Pool, name: str, seen: Collection[Position]
) -> tuple[Mark | None, Mapping[Position, Known]]:
    """For each seen event: whether it is applied here, or another event stands at its place; `unknown` where the history can't tell.

    In one read, beside the mark that it is about. A position without an id is compared by its numbers.
    """
    rows = await connection.fetch(LOOK_BACK, name, list({one.position for one in seen}))
    if not rows:
        return None, dict.fromkeys(seen, "unknown")
    mark, found = Mark.of(rows[0]), {row["wanted"]: row for row in rows}
    return mark, {one: _known(one, mark, found[one.position]) for one in seen}


def _known(seen: Position, mark: Mark, row: asyncpg.Record) -> Known:
    if mark.position < seen.position:
        return "unknown"
    stood = row["stood"] or (mark.event_id if mark.position == seen.position else None)
    if seen.event_id and stood:
        return _same(seen.event_id, stood)
    if seen.nonce and row["nonce_then"]:
        return _same(seen.nonce, row["nonce_then"])
    if not seen.event_id:
        return _same(str(seen.epoch), str(row["epoch_then"] or mark.epoch))
    return "unknown"


def stands(head: Position, mark: Mark | None, stood: str | None) -> bool:
    """Whether a mark has reached a head, on the head's own branch; `stood` is the id at the head's position where the mark is beyond it."""
    if mark is None or head.position == 0:
        return head.position == 0 and not (mark and mark.rebuilding)
    if mark.rebuilding or mark.position < head.position:
        return False
    if mark.position == head.position:
        return (mark.epoch, mark.event_id) == (head.epoch, head.event_id)
    return stood is not None and stood == head.event_id


def stood_from_json(text: str | None) -> Mapping[str, str]:
    """What `STOOD_AS_JSON` gave: ids by source."""
    found: Mapping[str, str] = orjson.loads(text) if text else {}
    return found


def _same(one: str, other: str) -> Known:
    return "applied" if one == other else "another"
