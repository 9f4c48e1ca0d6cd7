"""What the use cases need from outside: people by id or name, and a place for blobs."""

from collections.abc import AsyncIterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

__all__ = ["BlobStore", "Kept", "People", "Received"]


class People(Protocol):
    """Who is who, as approval-service knows it."""

    async def person_id(self, id_or_name: str) -> str | None:
        """The id of the person with this id or name, None when there is nobody; raises `Unavailable` when nobody can tell."""
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

        Ends in `keep` or `discard`; whoever forgets both leaves a temporary file.
        """
        ...

    async def keep(self, received: Received) -> None:
        """Make received bytes durable under their digest; what is kept already stays untouched. Raises `StorageFull`."""
        ...

    async def discard(self, received: Received) -> None:
        """Forget received bytes; after `keep` nothing is left to forget."""
        ...

    async def missing(self) -> str | None:
        """One sentence that says why nothing can be kept just now, or None."""
        ...

    async def find(self, sha256: str) -> Kept | None:
        """The blob of this digest, if it is kept."""
        ...
