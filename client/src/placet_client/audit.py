"""audit-service: the timeline, the state as of any time, single entries."""

from typing import Any

from placet_client.connection import Connection, Json

__all__ = ["AuditClient"]


class AuditClient:
    """Every answer says up to which index it is complete, and how far behind each source is."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def timeline(self, limit: int, **search: Any) -> Json:
        """`search` may have model, version, environment, actor, type, result, source, since, until, order."""
        return self._connection.pages("/v1/timeline", limit, **search)

    def as_of(self, **question: Any) -> Json:
        """`question` has time or index, and may have environment and model."""
        state: Json = self._connection.get("/v1/as-of", **question)
        return state

    def entry(self, index: int) -> Json:
        """One entry of the log."""
        entry: Json = self._connection.get(f"/v1/entries/{index}")
        return entry
