"""The views' mark: the last entry that they include, written in the transaction that writes their rows."""

import asyncpg

__all__ = ["lock_mark", "move_mark", "read_mark"]

READ = "select index from projection_marks where name = $1"
# A projector holds this row's lock, so that one at a time updates the views.
LOCK = f"{READ} for update"
MOVE = "update projection_marks set index = $2 where name = $1"


async def read_mark(connection: asyncpg.Connection, name: str) -> int:
    """The last entry that the views include; -1 at the beginning."""
    index: int = await connection.fetchval(READ, name)
    return index


async def lock_mark(connection: asyncpg.Connection, name: str) -> int:
    """The same, locked until the transaction ends."""
    index: int = await connection.fetchval(LOCK, name)
    return index


async def move_mark(connection: asyncpg.Connection, name: str, index: int) -> None:
    """Record that the views include this entry and all before it."""
    await connection.execute(MOVE, name, index)
