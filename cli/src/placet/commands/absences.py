"""`placet absences`: who can't sign, from when until when."""

from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet_client.answers.delegations import Absence
from placet_client.answers.sign_offs import Holder
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_json, show_line, show_names, show_table
from placet_client.printing.times import dated
from placet_client.printing.words import listed, plain

__all__ = ["absences"]

absences = noun("Absences: list them; say that you are away, and that you are back.")

PersonName = Annotated[str | None, typer.Argument(metavar="[PERSON]", help="By default yourself; others for admins.", show_default=False)]


def _name(holder: Holder) -> str:
    return plain(holder.name or holder.id)


COLUMNS: tuple[Column[Absence], ...] = (
    ("person", lambda one: _name(one.person)),
    ("roles", lambda one: listed(one.roles)),
    ("from", lambda one: dated(one.starts_at)),
    ("until", lambda one: dated(one.ends_at)),
    ("delegates", lambda one: listed(map(_name, one.delegates))),
    ("said by", lambda one: _name(one.stated_by)),
)
IN_SHORT: tuple[Column[Absence], ...] = (COLUMNS[0], COLUMNS[2], COLUMNS[3], COLUMNS[4])


@absences.command("list")
def list_absences(limit: Limit = 50, who: As = None, as_json: AsJson = False) -> None:
    """People who are absent or will be, with those who may sign in their place now."""
    with installation(who) as placet:
        page = placet.approval.absences(limit)
    if as_json:
        return show_json(page.raw)
    show_names(one.person.name or one.person.id for one in page.items)
    show_table(COLUMNS, page.items, "All people are there, as far as they said.", narrow=IN_SHORT)
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


@absences.command("set")
def set_absence(
    person: PersonName = None,
    start: Annotated[str | None, typer.Option("--from", metavar="TIME", help="RFC 3339; by default now.")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="RFC 3339; by default until it is cleared.")] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Say that you are away. No right changes by it; delegate, and another person can sign in your place."""
    with installation(who) as placet:
        stated = placet.approval.state_absence(person, start, until)
    if as_json:
        return show_json(stated.raw)
    end = f"until {dated(stated.ends_at)}" if stated.ends_at else "until it is cleared"
    show_line(f"{person or 'You'} {'is' if person else 'are'} absent from {dated(stated.starts_at)} {end}.")


@absences.command("clear")
def clear_absence(person: PersonName = None, who: As = None, as_json: AsJson = False) -> None:
    """Say that you are there again."""
    with installation(who) as placet:
        cleared = placet.approval.clear_absence(person or placet.approval.whoami().id)
    if as_json:
        return show_json(cleared.raw)
    show_line(f"{person or 'You'} {'is' if person else 'are'} there.")
