"""What a service could not apply: the same at each of the four."""

from typing import Any
from urllib.parse import quote

from placet_client.connection import Connection, Json

__all__ = ["ParkedClient"]


class ParkedClient:
    """A parked event is named by the consumer that parked it and by its position in its source."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, limit: int) -> Json:
        """For auditors and admins."""
        return self._connection.pages("/v1/parked", limit)

    def one(self, consumer: str, position: int) -> Json:
        """With the event itself; raises `Problem` with code parked_event_not_found."""
        found: Json = self._connection.get(_path(consumer, position))
        return found

    def retry(self, consumer: str, position: int) -> Json:
        """For admins."""
        return self._connection.post(f"{_path(consumer, position)}/retry")

    def go_on_without(self, consumer: str, position: int, reason: str) -> Json:
        """For admins who are people; the event will never be applied there."""
        body: dict[str, Any] = {"reason": reason}
        return self._connection.post(f"{_path(consumer, position)}/skip", body)


def _path(consumer: str, position: int) -> str:
    return f"/v1/parked/{quote(consumer, safe='')}/{position}"
