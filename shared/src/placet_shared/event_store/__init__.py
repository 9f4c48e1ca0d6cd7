"""The append-only event store: a command's events, rows, texts and answer become durable together, or not at all."""

from placet_shared.event_store.event_registry import EventRegistry, Part, Rows, projection_of
from placet_shared.event_store.records import (
    Answer,
    Append,
    Committed,
    Epoch,
    Metadata,
    Position,
    RecordedEvent,
    RequestKey,
    Statement,
)
from placet_shared.event_store.store import EventStore
from placet_shared.event_store.unit_of_work import Handler, UnitOfWork, UseCase

__all__ = [
    "Answer",
    "Append",
    "Committed",
    "Epoch",
    "EventRegistry",
    "EventStore",
    "Handler",
    "Metadata",
    "Part",
    "Position",
    "RecordedEvent",
    "RequestKey",
    "Rows",
    "Statement",
    "UnitOfWork",
    "UseCase",
    "projection_of",
]
