"""Add a channel of Slack or Teams: an admin's act, after which what waits for some roles or for a person is posted there."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from placet_approval.commands.changed_channels import ChangedChannel
from placet_approval.commands.find_holder import find_person
from placet_approval.domain.channel import Channel
from placet_approval.domain.mail_times import MailTimes
from placet_approval.domain.webhook_address import webhook_address
from placet_approval.ports import Receivers
from placet_shared.access import Roles, allowed
from placet_shared.event_store import Statement, UnitOfWork

__all__ = ["AddChannel", "add_channel"]

KEEP_ADDRESS = "insert into channel_addresses (channel_id, url) values ($1, $2)"


@dataclass(frozen=True, slots=True)
class AddChannel:
    """For `roles`, or for a `person` by id or name; `kind` is slack or teams, `frequency` at_once or daily."""

    channel_id: str
    kind: str
    url: str
    roles: Sequence[str]
    person: str | None
    frequency: str
    times: MailTimes


@allowed(Roles.ADMIN)
async def add_channel(command: AddChannel, uow: UnitOfWork, receivers: Receivers) -> ChangedChannel:
    """Raises `Malformed`, `NotFound` for the person, and `Invalid` for an address that does not lead to a public host."""
    person = await find_person(uow, command.person) if command.person else None
    if person is not None:
        person.refuse_inactive()
    address = webhook_address(command.url)
    channel = Channel.add(
        command.channel_id,
        command.kind,
        address.host,
        hashlib.sha256(command.url.encode()).hexdigest(),
        roles=command.roles,
        person_id=person.person_id if person else None,
        frequency=command.frequency,
        times=command.times,
        at=await uow.now(),
    )
    await receivers.require_reachable(address)
    uow.save(channel, subject=channel.channel_id)
    uow.write(Statement(KEEP_ADDRESS, (channel.channel_id, command.url)))
    return ChangedChannel.of(channel)
