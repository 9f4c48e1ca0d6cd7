"""Deactivate a person: an admin's act, after which none of the person's tokens is valid."""

from dataclasses import dataclass

from placet_approval.commands.changed_holders import ChangedPerson
from placet_approval.commands.find_holder import find_person
from placet_shared.access import Roles, allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["DeactivatePerson", "deactivate_person"]


@dataclass(frozen=True, slots=True)
class DeactivatePerson:
    """`person` is an id or a name."""

    person: str


@allowed(Roles.ADMIN)
async def deactivate_person(command: DeactivatePerson, uow: UnitOfWork) -> ChangedPerson:
    """Names stay until they are erased; the person's past acts stay as they are."""
    person = await find_person(uow, command.person)
    uow.expect(person)
    person.deactivate(await uow.now())
    uow.save(person, subject=person.person_id)
    return ChangedPerson.of(person)
