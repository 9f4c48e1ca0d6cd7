"""One batch of commands, one call of the `append` function, one transaction."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import asyncpg

from placet_shared.crash_points import passing
from placet_shared.event_store.append_call import CALL_APPEND, arguments_of, results_of
from placet_shared.event_store.event_registry import EventRegistry
from placet_shared.event_store.inline_rows import in_few_calls
from placet_shared.event_store.records import Append, AppendResult, RecordedEvent, Statement
from placet_shared.event_store.texts import INSERT_TEXT

__all__ = ["append_batch", "find_committed"]

HOLD_LOCK = "select pg_advisory_xact_lock(append_lock())"
FIND_BY_ID = """
    select e.id::text, e.position, e.epoch, p.nonce, e.recorded_at
    from events e left join epochs p on p.epoch = e.epoch where e.id = any ($1::uuid[])
"""


async def append_batch(connection: asyncpg.Connection, event_registry: EventRegistry, batch: Sequence[Append]) -> list[AppendResult]:
    """Commit a batch that `plan_batch` allows; results in the batch's order. Errors leave nothing behind."""
    if not event_registry.has_rows and not any(append.texts or append.statements for append in batch):
        return await _append(connection, event_registry, batch)  # one statement is a transaction of its own
    async with connection.transaction():
        passing("writer.before_append")
        results = await _append(connection, event_registry, batch)
        passing("writer.after_append")
        await _write_beside(connection, event_registry, batch, results)
        passing("writer.before_commit")
    passing("writer.after_commit")
    return results


async def _append(connection: asyncpg.Connection, event_registry: EventRegistry, batch: Sequence[Append]) -> list[AppendResult]:
    return results_of(event_registry.source, batch, await connection.fetch(CALL_APPEND, *arguments_of(batch)))


async def find_committed(connection: asyncpg.Connection, batch: Sequence[Append]) -> list[AppendResult] | None:
    """After a connection was lost in the middle: what was committed, or None when nothing was (rule 13).

    Taking the append lock first means that the backend that had the batch is gone. A batch commits whole or not at all, but
    commands of it may have been refused, and those have no trace: they come back as conflicts, to be decided again.
    """
    async with connection.transaction():
        await connection.fetchval(HOLD_LOCK)
        ids = [event.id for append in batch for event in append.events]
        found = {row["id"]: row for row in await connection.fetch(FIND_BY_ID, ids)}
    if not found:
        return None
    return [_found_result(append, found) for append in batch]


def _found_result(append: Append, found: dict[str, asyncpg.Record]) -> AppendResult:
    rows = [found[event.id] for event in append.events if event.id in found]
    if not rows:
        return AppendResult("conflict", epoch=0)
    first, last = rows[0], rows[-1]
    return AppendResult("appended", first["epoch"], first["nonce"], first["position"], last["position"], first["recorded_at"])


async def _write_beside(
    connection: asyncpg.Connection, event_registry: EventRegistry, batch: Sequence[Append], results: Sequence[AppendResult]
) -> None:
    """Texts, the read model's rows and further rows of the commands that were appended."""
    texts: list[tuple[Any, ...]] = []
    rows: list[Sequence[Statement]] = []
    for append, result in zip(batch, results, strict=True):
        if result.outcome != "appended":
            continue
        texts.extend((text.id, result.first_position, text.kind, text.subject, text.author, text.salt, text.body) for text in append.texts)
        projected = [row for event in recorded(event_registry.source, append, result) for row in event_registry.project(event)]
        rows.append([*projected, *append.statements])
    if texts:
        await connection.executemany(INSERT_TEXT, texts)
    for sql, arguments in in_few_calls(rows, event_registry.commuting):
        await connection.executemany(sql, arguments)


def recorded(source: str, append: Append, result: AppendResult) -> Iterable[RecordedEvent]:
    """The events of a command as they now stand in the store; `prev` is only set where events are read from the table."""
    meta = append.metadata
    for offset, event in enumerate(append.events):
        yield RecordedEvent(
            source=source,
            epoch=result.epoch,
            position=cast(int, result.first_position) + offset,
            id=event.id,
            prev=None,
            stream=event.stream,
            version=event.version,
            type=event.type,
            schema_version=event.schema_version,
            subject=event.subject,
            actor=meta.actor,
            on_behalf_of=meta.on_behalf_of,
            correlation=meta.correlation,
            causation=meta.causation,
            traceparent=meta.traceparent,
            occurred_at=meta.occurred_at,
            recorded_at=cast(Any, result.recorded_at),
            data=event.data,
        )
