"""Ports of the use cases: people by id or name, and a store for blobs."""

from collections.abc import AsyncIterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

__all__ = ["BlobStore", "Kept", "People", "Received"]


class People(Protocol):
    """Looks up people, as approval-service knows them."""

    async def person_id(self, id_or_name: str) -> str | None:
        """The id of the person with this id or name, None when there is none; raises `Unavailable` when there is no answer."""
        ...


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes that arrived whole and lie in a temporary file."""

    sha256: str
    size: int
    path: Path


@dataclass(frozen=True, slots=True)
class Kept:
    """A blob that can be read."""

    path: Path
    size: int


class BlobStore(Protocol):
    """Bytes by SHA-256. What is kept is whole, durable and never changes."""

    async def receive(self, chunks: AsyncIterable[bytes], announced: int = 0) -> Received:
        """Take bytes in, counting and hashing; raises `TooLarge` beyond the limit, at once when so many were announced,
        and `StorageFull`.

        The caller ends it by `keep` or `discard`; without either, a temporary file stays.
        """
        ...

    async def keep(self, received: Received) -> None:
        """Make received bytes durable under their digest; what is kept already stays untouched. Raises `StorageFull`."""
        ...

    async def discard(self, received: Received) -> None:
        """Delete received bytes; has no effect after `keep`."""
        ...

    async def missing(self) -> str | None:
        """One sentence that says why nothing can be kept just now, or None."""
        ...

    async def find(self, sha256: str) -> Kept | None:
        """The blob of this digest, if it is kept."""
        ...
