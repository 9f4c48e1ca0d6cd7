"""Deactivate a person: an admin's act, after which none of the person's tokens is valid."""

from dataclasses import dataclass

from placet_approval.commands.answers import person_answer
from placet_approval.commands.find_holder import find_person
from placet_shared.event_store import Answer, UnitOfWork

__all__ = ["DeactivatePerson", "deactivate_person"]


@dataclass(frozen=True, slots=True)
class DeactivatePerson:
    """`person` is an id or a name."""

    person: str


async def deactivate_person(command: DeactivatePerson, uow: UnitOfWork) -> Answer:
    """Names stay until they are erased; the person's past acts stay as they are."""
    person = await find_person(uow, command.person)
    uow.expect(person)
    person.deactivate(await uow.now())
    uow.save(person, subject=person.person_id)
    return person_answer(person)
