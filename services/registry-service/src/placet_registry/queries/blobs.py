"""What the events say about a blob; its bytes are in the blob store."""

from typing import Any

import asyncpg

__all__ = ["blob_by_digest"]

BLOB = "select sha256, size, stored_by, stored_at from blobs where sha256 = $1"


async def blob_by_digest(connection: asyncpg.Pool, sha256: str) -> dict[str, Any] | None:
    """Digest, size, by whom and when; None when no such blob was ever stored."""
    row = await connection.fetchrow(BLOB, sha256)
    return dict(row) if row else None
