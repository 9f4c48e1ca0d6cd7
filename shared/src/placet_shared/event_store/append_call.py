"""The call of the `append` function: what a batch becomes for PostgreSQL, and what its answer says of each command."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import orjson

from placet_shared.event_store.records import Append, AppendResult, Committed, Metadata, NewEvent, Position

__all__ = ["CALL_APPEND", "arguments_of", "results_of"]

CALL_APPEND = "select * from append($1, $2, $3, $4, $5, $6)"


def arguments_of(batch: Sequence[Append]) -> Sequence[Any]:
    """What the append function takes. JSON, since the driver spends more on two dozen arrays than all else together."""
    keys = [append.request_key for append in batch]
    events = [_event(number, append.metadata, event) for number, append in enumerate(batch, 1) for event in append.events]
    relied_on = [
        {"command": number, "stream": stream, "version": version}
        for number, append in enumerate(batch, 1)
        for stream, version in (*append.expected.items(), *append.checks.items())
    ]
    return (
        _json([_command(append) for append in batch]),
        [key.hash if key else None for key in keys],
        [append.body for append in batch],
        _json(relied_on),
        _json(events),
        [event.data for append in batch for event in append.events],
    )


def _command(append: Append) -> dict[str, Any]:
    return {
        "key": append.request_key.key if append.request_key else None,
        "actor": append.metadata.actor,
        "status": append.status,
        "etag": append.etag,
        "location": append.location,
    }


def _event(number: int, metadata: Metadata, event: NewEvent) -> dict[str, Any]:
    return {
        "command": number,
        "id": event.id,
        "stream": event.stream,
        "version": event.version,
        "type": event.type,
        "schema_version": event.schema_version,
        "subject": event.subject,
        "actor": metadata.actor,
        "on_behalf_of": metadata.on_behalf_of,
        "correlation": metadata.correlation,
        "causation": metadata.causation,
        "traceparent": metadata.traceparent,
        "occurred_at": metadata.occurred_at,
    }


def _json(rows: Sequence[dict[str, Any]]) -> str:
    return orjson.dumps(rows).decode()


def results_of(source: str, batch: Sequence[Append], rows: Sequence[asyncpg.Record]) -> list[AppendResult]:
    """What became of each command: positions go on from the batch's first, past the commands that have a row of their own."""
    begun, *others = rows
    not_appended = {row["command"]: _not_appended(source, row) for row in others}
    results: list[AppendResult] = []
    position: int = begun["position"]
    for number, append in enumerate(batch, 1):
        result = not_appended.get(number)
        if result is None:
            last = position + len(append.events) - 1
            result = AppendResult("appended", begun["epoch"], position, last, begun["recorded_at"])
            position = last + 1
        results.append(result)
    return results


def _not_appended(source: str, row: asyncpg.Record) -> AppendResult:
    if row["outcome"] == "conflict":
        return AppendResult("conflict", row["epoch"])
    position = Position(source, row["epoch"], row["position"])
    stored = Committed(row["status"], row["body"], row["etag"], row["location"], position, replayed=True)
    return AppendResult("answered", row["epoch"], last_position=row["position"], stored_hash=row["hash"], stored=stored)
