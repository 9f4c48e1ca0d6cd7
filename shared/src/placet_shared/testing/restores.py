"""What a store looks like after a restore, a copy or a start of its server: its rows are changed as the real thing leaves them."""

from placet_shared.testing.databases import connected

__all__ = ["copy_data_folder", "restart_server", "restore_backup"]

# The table is append-only for every role but one that switches its triggers off.
FORGET_EVENTS = """
    set session_replication_role = replica;
    delete from events where position > {after};
    delete from epochs where first_position > {after};
"""
ANOTHER_TIMELINE = """
    delete from store where not exists (select from epochs);
    update store set epoch = (select max(epoch) from epochs), timeline = 'another';
"""
KNOWN_EPOCH = "update store set epoch = (select max(epoch) from epochs);"
STARTED_SINCE = "update store set started_at = 'earlier';"


async def restore_backup(superuser_url: str, schema: str, after: int) -> None:
    """As a restore from a backup leaves it: the events beyond a position are gone, and the next append opens a new epoch."""
    await _change(superuser_url, schema, FORGET_EVENTS.format(after=after) + ANOTHER_TIMELINE)


async def copy_data_folder(superuser_url: str, schema: str, after: int) -> None:
    """As a copy of the data folder leaves it: the events beyond a position are gone, identifier and timeline are the same."""
    await _change(superuser_url, schema, FORGET_EVENTS.format(after=after) + KNOWN_EPOCH + STARTED_SINCE)


async def restart_server(superuser_url: str, schema: str) -> None:
    """As a start of the server leaves it, of the original or of a copy: only the next append tells."""
    await _change(superuser_url, schema, STARTED_SINCE)


async def _change(superuser_url: str, schema: str, script: str) -> None:
    async with connected(superuser_url, schema) as connection:
        await connection.execute(script)
