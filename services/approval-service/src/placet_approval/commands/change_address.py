"""Change where a person's mail goes: people of themselves, an admin of any; the address before is told of it."""

from dataclasses import dataclass

from placet_approval.commands.changed_holders import ChangedPerson
from placet_approval.commands.find_holder import find_person
from placet_approval.domain.names import email_address
from placet_shared.access import Roles
from placet_shared.errors import Forbidden
from placet_shared.event_store import Statement, UnitOfWork

__all__ = ["ChangeAddress", "change_address"]

ADDRESS = "select email from people_names where person_id = $1"
KEEP_FORMER = """
    insert into former_addresses (person_id, email) select person_id, email from people_names where person_id = $1 and email is not null
    on conflict (person_id, email) do update set changed_at = clock_timestamp()
"""
# What was told to the address before is told to the new one again only if it happens again.
KEEP = "update people_names set email = $2 where person_id = $1"


@dataclass(frozen=True, slots=True)
class ChangeAddress:
    """`person` is an id or a name; without an address no mail is sent."""

    person: str
    email: str | None


async def change_address(command: ChangeAddress, uow: UnitOfWork) -> ChangedPerson:
    """The same address as before is no event. Raises `Malformed`, and `Forbidden` for another person's."""
    person = await find_person(uow, command.person)
    if uow.actor.id != person.person_id and Roles.ADMIN not in uow.actor.roles:
        raise Forbidden(
            "You may change your own address only.", code="role_required", resolve="Ask the person, or a person with the role admin."
        )
    email = None if command.email is None else email_address("email", command.email)
    uow.expect(person)
    person.refuse_inactive()
    [row] = await uow.fetch(ADDRESS, person.person_id) or [{"email": None}]
    if row["email"] != email:
        person.change_address(await uow.now())
        uow.save(person, subject=person.person_id)
        uow.write(Statement(KEEP_FORMER, (person.person_id,)))
        uow.write(Statement(KEEP, (person.person_id, email)))
    return ChangedPerson.of(person)
