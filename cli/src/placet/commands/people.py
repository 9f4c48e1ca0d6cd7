"""`placet people`: people and their roles."""

from collections.abc import Sequence
from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet_client.answers.people import ChangedPerson, Person
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_facts, show_json, show_line, show_names, show_table
from placet_client.printing.times import dated
from placet_client.printing.words import listed, plain

__all__ = ["people"]

people = noun("People: list them, show one; an admin adds them and changes their roles.")

PersonName = Annotated[str, typer.Argument(metavar="PERSON", help="Id or name.")]
Role = Annotated[list[str] | None, typer.Option(help="Repeatable.")]


def _state(person: Person) -> str:
    if person.erased:
        return "erased"
    return "active" if person.active else "inactive"


COLUMNS: tuple[Column[Person], ...] = (
    ("name", lambda person: plain(person.name)),
    ("called", lambda person: plain(person.display_name)),
    ("roles", lambda person: listed(person.roles)),
    ("state", _state),
    ("id", lambda person: plain(person.person_id)),
)
IN_SHORT: tuple[Column[Person], ...] = (*COLUMNS[:-1],)


@people.command("list")
def list_people(limit: Limit = 50, who: As = None, as_json: AsJson = False) -> None:
    """In the order in which they were added."""
    with installation(who) as placet:
        page = placet.approval.people(limit)
    if as_json:
        return show_json(page.raw)
    show_names(person.name or person.person_id for person in page.items)
    show_table(COLUMNS, page.items, "There are no people yet.", narrow=IN_SHORT)
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


@people.command("show")
def show_person(person: PersonName, who: As = None, as_json: AsJson = False) -> None:
    """One person."""
    with installation(who) as placet:
        found = placet.approval.person(person)
    if as_json:
        return show_json(found.raw)
    show_names([found.name or found.person_id])
    names = [(heading, value(found)) for heading, value in COLUMNS]
    show_facts([*names, ("e-mail", plain(found.email)), ("added", dated(found.added_at))])


@people.command("add")
def add_person(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Unique.")],
    role: Role = None,
    display_name: Annotated[str | None, typer.Option(help="The name that people see.")] = None,
    email: Annotated[str | None, typer.Option()] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Add a person. For admins."""
    with installation(who) as placet:
        added = placet.approval.add_person(name, display_name, email, role or [])
    if as_json:
        return show_json(added.raw)
    show_names([added.person_id])
    _note_waiting(added)
    show_line(f"Added {name} with {_roles(added.roles)} ({added.person_id}). A token: placet tokens issue {name}")


@people.command("roles")
def change_roles(person: PersonName, role: Role = None, who: As = None, as_json: AsJson = False) -> None:
    """Give a person exactly these roles. For admins."""
    with installation(who) as placet:
        changed = placet.approval.change_roles(person, role or [])
    if as_json:
        return show_json(changed.raw)
    _note_waiting(changed)
    show_line(f"{person} now has {_roles(changed.roles)}.")


@people.command("address")
def change_address(
    person: PersonName,
    email: Annotated[str | None, typer.Argument(metavar="ADDRESS", help="Left out: no mail is sent.", show_default=False)] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Change where mail goes, your own or as an admin another person's; the address before is told of it."""
    with installation(who) as placet:
        changed = placet.approval.change_address(person, email)
    if as_json:
        return show_json(changed.raw)
    note("The inbox has what waits in any case: placet inbox")
    show_line(f"Mail to {person} goes to {email}." if email else f"No mail is sent to {person} any more.")


@people.command("deactivate")
def deactivate_person(person: PersonName, who: As = None, as_json: AsJson = False) -> None:
    """Deactivate a person: all their tokens are refused from now on. For admins."""
    with installation(who) as placet:
        changed = placet.approval.deactivate(person)
    if as_json:
        return show_json(changed.raw)
    show_line(f"{person} may not act any more.")


def _note_waiting(changed: ChangedPerson) -> None:
    if changed.proposed_change:
        note(f"Roles that decide wait for a second admin: placet access confirm {changed.proposed_change}")


def _roles(roles: Sequence[str]) -> str:
    if not roles:
        return "no role"
    return f"the role{'s' if len(roles) > 1 else ''} {listed(roles)}"
