"""The disk of the database: remembered as full from a write that found it so until one has gone through again."""

import os

import asyncpg

from placet_shared.postgres.errors import DATABASE_ERRORS, DISK_FULL, is_disk_full

__all__ = ["Disk"]

# Random, since the server compresses what it keeps; more than the free places that a table has within its pages.
PROBE_BYTES = 1024 * 1024
PROBE = """
    insert into answers (actor, key, hash, status, body, position, epoch, answered_at)
    values ('placet probe', gen_random_uuid()::text, '', 0, $1, 0, 0, clock_timestamp())
"""


class Disk:
    """Of one store. `full` is set and unset by its writer."""

    def __init__(self) -> None:
        self.full = False

    async def missing(self, pool: asyncpg.Pool) -> str | None:
        """One sentence while the disk is full, else None; a service without writes finds out by a probe that there is room again."""
        if self.full:
            try:
                await _write_and_undo(pool)
            except DATABASE_ERRORS as error:
                if not is_disk_full(error):
                    raise
                return DISK_FULL
            self.full = False
        return None


async def _write_and_undo(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute(PROBE, os.urandom(PROBE_BYTES))
        finally:
            await transaction.rollback()
