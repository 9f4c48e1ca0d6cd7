"""The recorded facts about a blob; its bytes are in the blob store."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

__all__ = ["BlobView", "blob_by_digest"]

BLOB = "select sha256, size, stored_by, stored_at from blobs where sha256 = $1"


@dataclass(frozen=True, slots=True)
class BlobView:
    """A blob that is kept; `size` is in bytes."""

    sha256: str
    size: int
    stored_by: str
    stored_at: datetime


async def blob_by_digest(connection: asyncpg.Pool, sha256: str) -> BlobView | None:
    """None when no such blob was ever stored."""
    row = await connection.fetchrow(BLOB, sha256)
    return BlobView(**row) if row else None
