"""The call of the `append` function: a batch as PostgreSQL's arguments, and its answer as one result for each command."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from placet_shared.event_store.records import Append, AppendResult, Committed, Metadata, NewEvent, Position, RequestKey

__all__ = ["CALL_APPEND", "arguments_of", "results_of"]

CALL_APPEND = "select * from append($1, $2, $3)"


def arguments_of(batch: Sequence[Append]) -> Sequence[Any]:
    """What the append function takes: rows of `append_answer`, `append_reliance` and `append_event`."""
    numbered = [*enumerate(batch, 1)]
    answers = [_answer(number, append, append.request_key) for number, append in numbered if append.request_key]
    relied_on = [
        (number, stream, version) for number, append in numbered for stream, version in (*append.expected.items(), *append.checks.items())
    ]
    events = [_event(number, append.metadata, event) for number, append in numbered for event in append.events]
    return answers, relied_on, events


def _answer(number: int, append: Append, key: RequestKey) -> tuple[Any, ...]:
    return number, key.key, append.metadata.actor, append.status, append.etag, append.location, key.hash, append.body


def _event(number: int, metadata: Metadata, event: NewEvent) -> tuple[Any, ...]:
    return (
        number, event.id, event.stream, event.version, event.type, event.schema_version, event.subject, metadata.actor,
        metadata.on_behalf_of, metadata.correlation, metadata.causation, metadata.traceparent, metadata.occurred_at, event.data,
    )  # fmt: skip


def results_of(source: str, batch: Sequence[Append], rows: Sequence[asyncpg.Record]) -> list[AppendResult]:
    """The result of each command: positions go on from the batch's first, past the commands that have a row of their own."""
    begun, *others = rows
    not_appended = {row["command"]: _not_appended(source, row) for row in others}
    results: list[AppendResult] = []
    position: int = begun["position"]
    for number, append in enumerate(batch, 1):
        result = not_appended.get(number)
        if result is None:
            last = position + len(append.events) - 1
            result = AppendResult("appended", begun["epoch"], begun["nonce"], position, last, begun["recorded_at"])
            position = last + 1
        results.append(result)
    return results


def _not_appended(source: str, row: asyncpg.Record) -> AppendResult:
    if row["outcome"] == "conflict":
        return AppendResult("conflict", row["epoch"])
    last_id = str(row["last_id"]) if row["last_id"] else None
    position = Position(source, row["epoch"], row["position"], last_id, row["nonce"])
    stored = Committed(row["status"], row["body"], row["etag"], row["location"], position, replayed=True)
    return AppendResult("answered", row["epoch"], last_position=row["position"], stored_hash=row["hash"], stored=stored)
