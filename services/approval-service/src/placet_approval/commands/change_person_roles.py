"""Change a person's roles: an admin's act."""

from collections.abc import Sequence
from dataclasses import dataclass

from placet_approval.commands.changed_holders import ChangedPerson
from placet_approval.commands.find_holder import find_person
from placet_shared.access import Roles, allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["ChangePersonRoles", "change_person_roles"]


@dataclass(frozen=True, slots=True)
class ChangePersonRoles:
    """`person` is an id or a name; `roles` are all that the person has from then on."""

    person: str
    roles: Sequence[str]


@allowed(Roles.ADMIN)
async def change_person_roles(command: ChangePersonRoles, uow: UnitOfWork) -> ChangedPerson:
    """Valid at once here, and elsewhere within the bus's lag."""
    person = await find_person(uow, command.person)
    uow.expect(person)
    person.change_roles(command.roles, await uow.now())
    uow.save(person, subject=person.person_id)
    return ChangedPerson.of(person)
