"""How far into the log views have come, kept under the mark's name in the transaction that writes their rows."""

import asyncpg

__all__ = ["lock_mark", "move_mark", "read_mark"]

READ = "select index from projection_marks where name = $1"
# Whoever brings views up to the log holds the row, so that it is one at a time.
LOCK = f"{READ} for update"
MOVE = "update projection_marks set index = $2 where name = $1"


async def read_mark(connection: asyncpg.Connection, name: str) -> int:
    """The last entry that the views take in; -1 at the beginning."""
    index: int = await connection.fetchval(READ, name)
    return index


async def lock_mark(connection: asyncpg.Connection, name: str) -> int:
    """The same, and nobody moves it until the transaction ends."""
    index: int = await connection.fetchval(LOCK, name)
    return index


async def move_mark(connection: asyncpg.Connection, name: str, index: int) -> None:
    """The views take in this entry, and all before it."""
    await connection.execute(MOVE, name, index)
