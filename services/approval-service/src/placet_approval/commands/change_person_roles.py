"""Change a person's roles: an admin's act."""

from collections.abc import Sequence
from dataclasses import dataclass

from placet_approval.commands.answers import person_answer
from placet_approval.commands.find_holder import find_person
from placet_shared.event_store import Answer, UnitOfWork

__all__ = ["ChangePersonRoles", "change_person_roles"]


@dataclass(frozen=True, slots=True)
class ChangePersonRoles:
    """`person` is an id or a name; `roles` are all that the person has from then on."""

    person: str
    roles: Sequence[str]


async def change_person_roles(command: ChangePersonRoles, uow: UnitOfWork) -> Answer:
    """Valid at once here, and elsewhere within the bus's lag."""
    person = await find_person(uow, command.person)
    uow.expect(person)
    person.change_roles(command.roles, await uow.now())
    uow.save(person, subject=person.person_id)
    return person_answer(person)
