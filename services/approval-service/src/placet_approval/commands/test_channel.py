"""Test a channel: an admin's act, after which a post that tells of nothing is sent there."""

from dataclasses import dataclass

from placet_approval.commands.changed_channels import ChangedChannel, find_channel
from placet_shared.access import Roles, allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["TestChannel", "test_channel"]


@dataclass(frozen=True, slots=True)
class TestChannel:
    """By its id."""

    channel_id: str


@allowed(Roles.ADMIN)
async def test_channel(command: TestChannel, uow: UnitOfWork) -> ChangedChannel:
    """Raises `NotFound` for one that was removed."""
    channel = await find_channel(uow, command.channel_id)
    channel.test(await uow.now())
    uow.save(channel, subject=channel.channel_id)
    return ChangedChannel.of(channel)
