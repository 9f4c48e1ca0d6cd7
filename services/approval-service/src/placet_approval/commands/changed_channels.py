"""The channel of a command, and as it is after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from placet_approval.domain.channel import Channel
from placet_shared.event_store import UnitOfWork

__all__ = ["ChangedChannel", "find_channel"]


@dataclass(frozen=True, slots=True)
class ChangedChannel:
    """The channel after the command."""

    channel_id: str
    kind: str
    host: str
    roles: Sequence[str]
    person_id: str | None
    removed: bool
    revision: int

    @classmethod
    def of(cls, channel: Channel) -> Self:
        """As it is now."""
        about = (channel.kind, channel.host, channel.roles, channel.person_id)
        return cls(channel.channel_id, *about, channel.removed, channel.version)


async def find_channel(uow: UnitOfWork, channel_id: str) -> Channel:
    """Raises `NotFound`; holds the command to its `If-Match`."""
    channel = await uow.get(Channel, channel_id, what="channel")
    uow.about(channel.channel_id)
    uow.expect(channel)
    return channel
