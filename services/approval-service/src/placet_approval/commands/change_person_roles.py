"""Change a person's roles: an admin's act. A second admin may have to confirm those that decide."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from placet_approval.commands.changed_holders import ChangedPerson
from placet_approval.commands.find_holder import find_person
from placet_approval.commands.governed_access import needs_confirmation, propose_roles
from placet_approval.domain.roles import roles_for_person
from placet_shared.access import Roles, allowed
from placet_shared.event_store import UnitOfWork
from placet_shared.identifiers import new_id

__all__ = ["ChangePersonRoles", "change_person_roles"]


@dataclass(frozen=True, slots=True)
class ChangePersonRoles:
    """`person` is an id or a name; `roles` are all that the person has from then on; `change_id` is used when some must be confirmed."""

    person: str
    roles: Sequence[str]
    change_id: str = field(default_factory=new_id)


@allowed(Roles.ADMIN)
async def change_person_roles(command: ChangePersonRoles, uow: UnitOfWork) -> ChangedPerson:
    """Valid at once here, and elsewhere within the bus's lag; roles that must be confirmed are left out until they are."""
    person = await find_person(uow, command.person)
    uow.expect(person)
    waiting = await needs_confirmation(uow, {*roles_for_person(command.roles)} - {*person.roles})
    person.change_roles({*command.roles} - {*waiting}, await uow.now())
    uow.save(person, subject=person.person_id)
    proposed = await propose_roles(uow, command.change_id, person.person_id, waiting)
    return ChangedPerson.of(person, proposed)
