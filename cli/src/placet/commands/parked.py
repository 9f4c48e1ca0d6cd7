"""`placet parked`: events that a service could not apply, what waits for them, and what can be done."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import typer

from placet.commands.listing import Limit, noun
from placet_client import SERVICES
from placet_client.commands.session import As, AsJson, installation
from placet_client.connection import Json
from placet_client.printing.page import Column, note, show_facts, show_json, show_line, show_table
from placet_client.printing.words import listed, plain, when

__all__ = ["parked"]

parked = noun("Events that could not be applied: list them, show one; an admin has one tried again, or goes on without it.")

EXAMPLE = "approval:registry:12"
Event = Annotated[str, typer.Argument(metavar="EVENT", help=f"As the list names it, such as {EXAMPLE}.")]
Reason = Annotated[str, typer.Option("--reason", "-r", help="Why it is right to go on without this event.")]


class Name(NamedTuple):
    """Which service parked it, which of its consumers, and where it stands in its source."""

    service: str
    consumer: str
    position: int


COLUMNS: tuple[Column, ...] = (
    ("event", lambda one: plain(one["name"])),
    ("type", lambda one: plain(one["type"])),
    ("about", lambda one: plain(one["subject"])),
    ("waits for", lambda one: _waits_for(one)),
    ("holds up", lambda one: plain(one["holds_up"]) if one["holds_up"] else ""),
    ("tried again", lambda one: plain(one["attempts"])),
    ("since", lambda one: when(one["parked_at"])),
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
        pages = {name: placet.parked(name).all(limit) for name in asked}
    items = [_named(name, one) for name, page in pages.items() for one in page["items"]]
    if as_json:
        return show_json({"items": items})
    show_table(COLUMNS, items, "Nothing is parked.")
    if any(page["next_cursor"] for page in pages.values()):
        note(f"There are more than these {limit}; see --limit.")


@parked.command("show")
def show_parked(event: Event, who: As = None, as_json: AsJson = False) -> None:
    """Why it could not be applied, what waits for it, and what would help. For auditors and admins."""
    name = _parse(event)
    with installation(who) as placet:
        found = _named(name.service, placet.parked(name.service).one(name.consumer, name.position))
    if as_json:
        return show_json(found)
    show_facts(
        [
            *[(heading, value(found)) for heading, value in COLUMNS],
            ("reason", plain(found["reason"])),
            ("touches", listed(found["subjects"])),
            ("data", plain(found["event"]["data"])),
            ("event id", plain(found["event_id"])),
        ]
    )
    _show_way_out(found)


@parked.command("retry")
def retry_parked(event: Event, who: As = None, as_json: AsJson = False) -> None:
    """Have it tried again, and what waits for it. For admins."""
    name = _parse(event)
    with installation(who) as placet:
        resolved = placet.parked(name.service).retry(name.consumer, name.position)
    _show_outcome(resolved, as_json, f"{event} is still parked: placet parked show {event}", f"{event} is applied")


@parked.command("skip")
def skip_parked(event: Event, reason: Reason, who: As = None, as_json: AsJson = False) -> None:
    """Go on without it, for ever: it will not be applied there. For admins, who answer for it."""
    name = _parse(event)
    with installation(who) as placet:
        resolved = placet.parked(name.service).go_on_without(name.consumer, name.position, reason)
    _show_outcome(resolved, as_json, f"{event} is still parked", f"{event} is skipped")


def _show_outcome(resolved: Json, as_json: bool, still: str, gone: str) -> None:
    if as_json:
        return show_json(resolved)
    if resolved["parked"]:
        show_line(f"{still}.")
        raise typer.Exit(1)
    applied = resolved["applied"]
    show_line(f"{gone}; {plain(applied)} went through.") if applied is not None else show_line(f"{gone}; what waited is tried later.")


def _show_way_out(found: Mapping[str, Any]) -> None:
    if found["behind"]:
        first = Name(found["service"], found["consumer"], found["behind"][0])
        return note(f"It goes on by itself when what it waits for is resolved: placet parked show {_text(first)}")
    note(f"When the cause is repaired: placet parked retry {found['name']}")
    note(f"To go on without it, for ever and on record: placet parked skip {found['name']} --reason …")


def _named(service: str, one: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, "service": service, "name": _text(Name(service, one["consumer"], one["position"]))}


def _waits_for(one: Mapping[str, Any]) -> str:
    behind: Sequence[int] = one["behind"]
    return listed(_text(Name(one["service"], one["consumer"], position)) for position in behind)


def _text(name: Name) -> str:
    return ":".join(map(str, name))


def _parse(text: str) -> Name:
    """Raises a usage error."""
    found = re.fullmatch(rf"({'|'.join(SERVICES)}):([^:]+):([1-9][0-9]{{0,17}})", text)
    if found is None:
        raise typer.BadParameter(f"{text} names no event; one looks like {EXAMPLE}. See placet parked list.", param_hint="EVENT")
    return Name(found[1], found[2], int(found[3]))
