"""Erase a person's names: an admin's act, after which the id stays in history and nothing links it to the person."""

from dataclasses import dataclass

from placet_approval.commands.changed_holders import ChangedPerson
from placet_approval.commands.find_holder import find_person
from placet_shared.access import Roles, allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["ErasePerson", "erase_person"]


@dataclass(frozen=True, slots=True)
class ErasePerson:
    """`person` is an id or a name."""

    person: str


@allowed(Roles.ADMIN)
async def erase_person(command: ErasePerson, uow: UnitOfWork) -> ChangedPerson:
    """The row of names goes with the event, in its transaction; the person is deactivated too."""
    person = await find_person(uow, command.person)
    uow.expect(person)
    person.erase(await uow.now())
    uow.save(person, subject=person.person_id)
    return ChangedPerson.of(person)
