"""Events as they arrive, for tests that need no source."""

import uuid
from datetime import UTC, datetime
from typing import Any

from placet_shared.event_store import RecordedEvent

AT = datetime(2026, 11, 23, 14, tzinfo=UTC)


def an_event(position: int, **members: Any) -> RecordedEvent:
    """Whole, and as plain as it can be."""
    plain: dict[str, Any] = {
        "source": "registry", "epoch": 1, "position": position, "id": str(uuid.UUID(int=position)), "prev": None, "stream": "model-1",
        "version": position, "type": "ModelTagged", "schema_version": 1, "subject": "model-1", "actor": "alice", "on_behalf_of": None,
        "correlation": "request-1", "causation": None, "traceparent": None, "occurred_at": None, "recorded_at": AT, "data": b"{}",
    }  # fmt: skip
    return RecordedEvent(**{**plain, **members})
