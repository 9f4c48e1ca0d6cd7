"""Add a person: an admin's act; the names go into a table beside the events. A second admin may have to confirm the roles that decide."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from placet_approval.commands.changed_holders import ChangedPerson
from placet_approval.commands.governed_access import needs_confirmation, propose_roles
from placet_approval.domain.names import display_name, email_address, short_name
from placet_approval.domain.person import Person
from placet_approval.domain.roles import roles_for_person
from placet_shared.access import Roles, allowed
from placet_shared.errors import Conflict
from placet_shared.event_store import Statement, UnitOfWork
from placet_shared.identifiers import new_id

__all__ = ["AddPerson", "add_person"]

NAME_TAKEN = "select 1 from people_names where name = $1"
KEEP_NAMES = "insert into people_names (person_id, name, display_name, email) values ($1, $2, $3, $4)"
REMEMBER_ENTRY = "insert into bootstrap_entries (entry, holder_id) values ($1, $2)"


@dataclass(frozen=True, slots=True)
class AddPerson:
    """`bootstrap_entry` stands for the line of a bootstrap file that asked for the person; `change_id` is used when roles wait."""

    person_id: str
    name: str
    display_name: str
    email: str | None
    roles: Sequence[str]
    bootstrap_entry: str | None = None
    change_id: str = field(default_factory=new_id)


@allowed(Roles.ADMIN)
async def add_person(command: AddPerson, uow: UnitOfWork) -> ChangedPerson:
    """Raises `Conflict` when the name is taken.

    For concurrent requests the unique index decides: the database refuses the later append (SQLSTATE 23505), and the retry finds
    the name taken.
    """
    name = short_name("name", command.name)
    if await uow.fetch(NAME_TAKEN, name):
        raise Conflict("This name is taken.", code="name_taken", resolve="Choose another name.")
    shown = display_name("display_name", command.display_name)
    email = None if command.email is None else email_address("email", command.email)
    waiting = await needs_confirmation(uow, roles_for_person(command.roles))
    person = Person.add(command.person_id, {*command.roles} - {*waiting}, await uow.now())
    uow.save(person, subject=person.person_id)
    proposed = await propose_roles(uow, command.change_id, person.person_id, waiting)
    uow.write(Statement(KEEP_NAMES, (person.person_id, name, shown, email)))
    if command.bootstrap_entry:
        uow.write(Statement(REMEMBER_ENTRY, (command.bootstrap_entry, person.person_id)))
    return ChangedPerson.of(person, proposed)
