"""Remove a channel: an admin's act; its address is deleted, and nothing is posted there any more."""

from dataclasses import dataclass

from placet_approval.commands.changed_channels import ChangedChannel, find_channel
from placet_shared.access import Roles, allowed
from placet_shared.event_store import Statement, UnitOfWork

__all__ = ["RemoveChannel", "remove_channel"]

FORGET = (
    "delete from channel_addresses where channel_id = $1",
    "delete from channel_posts where channel_id = $1",
    "delete from telling_states where reader_id = $1",
)


@dataclass(frozen=True, slots=True)
class RemoveChannel:
    """By its id."""

    channel_id: str


@allowed(Roles.ADMIN)
async def remove_channel(command: RemoveChannel, uow: UnitOfWork) -> ChangedChannel:
    """Raises `NotFound` for one that was removed."""
    channel = await find_channel(uow, command.channel_id)
    channel.remove(await uow.now())
    uow.save(channel, subject=channel.channel_id)
    for sql in FORGET:
        uow.write(Statement(sql, (channel.channel_id,)))
    return ChangedChannel.of(channel)
