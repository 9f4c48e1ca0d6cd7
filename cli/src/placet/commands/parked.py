"""`placet parked`: events that a service could not apply, the events that wait for them, and repairing or skipping them."""

import re
from collections.abc import Sequence
from typing import Annotated, NamedTuple

import typer

from placet.commands.listing import Limit, noun
from placet.printing.subjects import SubjectNames
from placet_client import SERVICES
from placet_client.answers.answer import Document
from placet_client.answers.parked import ParkedSummary, ResolvedEvent
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_facts, show_json, show_line, show_names, show_table
from placet_client.printing.times import ago
from placet_client.printing.words import listed, plain

__all__ = ["parked"]

parked = noun("Events that could not be applied: list them, show one; an admin retries or skips one.")

EXAMPLE = "approval:registry:12"
Event = Annotated[str, typer.Argument(metavar="EVENT", help=f"As the list names it, such as {EXAMPLE}.")]
Reason = Annotated[str, typer.Option("--reason", "-r", help="Why it is right to skip this event.")]


class Name(NamedTuple):
    """A parked event's service, its consumer, and the event's position in its source."""

    service: str
    consumer: str
    position: int

    def __str__(self) -> str:
        return f"{self.service}:{self.consumer}:{self.position}"


class Named(NamedTuple):
    """A parked event and its name on the command line."""

    name: Name
    event: ParkedSummary
    about: str

    def as_document(self) -> Document:
        """For programs."""
        return {**self.event.raw, "service": self.name.service, "name": str(self.name)}


COLUMNS: tuple[Column[Named], ...] = (
    ("event", lambda one: plain(one.name)),
    ("type", lambda one: plain(one.event.type)),
    ("about", lambda one: plain(one.about)),
    ("waits for", lambda one: listed(one.name._replace(position=position) for position in one.event.behind)),
    ("holds up", lambda one: plain(one.event.holds_up) if one.event.holds_up else ""),
    ("tried again", lambda one: plain(one.event.attempts)),
    ("since", lambda one: ago(one.event.parked_at)),
)
IN_SHORT: tuple[Column[Named], ...] = (
    *COLUMNS[:2],
    *COLUMNS[3:],
)


@parked.command("list")
def list_parked(
    service: Annotated[str | None, typer.Option("--service", help="Only of this service; by default of all.", show_default=False)] = None,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Of each service in the order of the sources. For auditors and admins."""
    if service is not None and service not in SERVICES:
        raise typer.BadParameter(f"there are {listed(SERVICES)}.", param_hint="--service")
    with installation(who) as placet:
        asked = [service] if service else SERVICES
        pages = {name: placet.parked.events(name, limit) for name in asked}
        names = SubjectNames(placet)
        items = [_named(name, one, names) for name, page in pages.items() for one in page.items]
    if as_json:
        return show_json({"items": [one.as_document() for one in items]})
    show_names(str(one.name) for one in items)
    show_table(COLUMNS, items, "Nothing is parked.", narrow=IN_SHORT)
    if any(page.next_cursor for page in pages.values()):
        note(f"There are more than these {limit}; see --limit.")


@parked.command("show")
def show_parked(event: Event, who: As = None, as_json: AsJson = False) -> None:
    """Why it could not be applied, which events wait for it, and what would help. For auditors and admins."""
    name = _parse(event)
    with installation(who) as placet:
        found = placet.parked.event(*name)
        named = _named(name.service, found, SubjectNames(placet))
    if as_json:
        return show_json(named.as_document())
    show_names([str(name)])
    show_facts(
        [
            *[(heading, value(named)) for heading, value in COLUMNS],
            ("reason", plain(found.reason)),
            ("touches", listed(found.subjects)),
            ("data", plain(found.event["data"])),
            ("event id", plain(found.event_id)),
        ]
    )
    _show_way_out(name, found.behind)


@parked.command("retry")
def retry_parked(event: Event, who: As = None, as_json: AsJson = False) -> None:
    """Apply it again, and the events that wait for it. For admins."""
    name = _parse(event)
    with installation(who) as placet:
        resolved = placet.parked.retry(*name)
    _show_outcome(resolved, as_json, f"{event} is still parked: placet parked show {event}", f"{event} is applied")


@parked.command("skip")
def skip_parked(event: Event, reason: Reason, who: As = None, as_json: AsJson = False) -> None:
    """Skip it for ever: it will not be applied there. For admins, who are responsible for it."""
    name = _parse(event)
    with installation(who) as placet:
        resolved = placet.parked.go_on_without(*name, reason)
    _show_outcome(resolved, as_json, f"{event} is still parked", f"{event} is skipped")


def _show_outcome(resolved: ResolvedEvent, as_json: bool, still: str, gone: str) -> None:
    if as_json:
        return show_json(resolved.raw)
    if resolved.parked:
        show_line(f"{still}.")
        raise typer.Exit(1)
    applied = resolved.applied
    show_line(f"{gone}; {plain(applied)} went through.") if applied is not None else show_line(f"{gone}; what waited is tried later.")


def _show_way_out(name: Name, behind: Sequence[int]) -> None:
    if behind:
        first = name._replace(position=behind[0])
        return note(f"It is applied by itself when the event that it waits for is resolved: placet parked show {first}")
    note(f"When the cause is repaired: placet parked retry {name}")
    note(f"To skip it for ever, on record: placet parked skip {name} --reason …")


def _named(service: str, event: ParkedSummary, names: SubjectNames) -> Named:
    return Named(Name(service, event.consumer, event.position), event, names.of(event.subject))


def _parse(text: str) -> Name:
    """Raises a usage error."""
    found = re.fullmatch(rf"({'|'.join(SERVICES)}):([^:]+):([1-9][0-9]{{0,17}})", text)
    if found is None:
        raise typer.BadParameter(f"{text} names no event; one looks like {EXAMPLE}. See placet parked list.", param_hint="EVENT")
    return Name(found[1], found[2], int(found[3]))
