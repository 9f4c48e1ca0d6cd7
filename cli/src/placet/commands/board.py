"""`placet board`: how far every model has come, what it waits for, and since when."""

from typing import Annotated

import typer

from placet.commands.listing import Limit
from placet_client.answers.board import BoardRow, Place
from placet_client.answers.steps import CurrentStep
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_json, show_names, show_table
from placet_client.printing.times import ago, in_words
from placet_client.printing.words import listed, plain

__all__ = ["board"]


def board(
    model: Annotated[str | None, typer.Argument(metavar="[MODEL]", help="A name, or its beginning and *.", show_default=False)] = None,
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="Only this environment.", show_default=False)] = None,
    waits_for: Annotated[
        str | None,
        typer.Option(
            help="Only what waits for this next: policy, verification, previous_environment, request, steps, signatures or deployment.",
            show_default=False,
        ),
    ] = None,
    step: Annotated[str | None, typer.Option(help="Only where it is the turn of this step of the policy.", show_default=False)] = None,
    owner: Annotated[str | None, typer.Option(help="Only where it is the turn of a step of this owner.", show_default=False)] = None,
    tier: Annotated[str | None, typer.Option(help="Only models of this risk tier.", show_default=False)] = None,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Every model's newest version: its step in each environment, what it waits for next, since when, and how long the last one took to
    get from its registration to the last environment. The gate decides; this only shows."""
    with installation(who) as placet:
        search = {"step": step, "owner": owner, "risk_tier": tier}
        page = placet.approval.board(limit, model=model, environment=environment, waits_for=waits_for, **search)
    if as_json:
        return show_json(page.raw)
    show_names(row.model for row in page.items)
    show_table(COLUMNS, page.items, "There is no model that fits.", narrow=IN_SHORT)
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


def _version(row: BoardRow) -> str:
    return f"{plain(row.model)}/{row.number}" if row.number else plain(row.model)


def _places(row: BoardRow) -> str:
    return ", ".join(_place(place) for place in row.places)


def _place(place: Place) -> str:
    """`prod requested 1/2`, `test registered (rejected)`."""
    signed = f" {place.have}/{place.need}" if place.step == "requested" else ""
    ended = f" ({plain(place.ended)})" if place.ended else ""
    return f"{plain(place.environment)} {plain(place.step)}{signed}{ended}"


def _waits(row: BoardRow) -> str:
    """`prod: signatures, 1 × risk-officer`."""
    if row.next is None:
        return "" if row.number else "a version"
    what = (row.next.waits_for or "").replace("_", " ").replace("previous environment", "environment before")
    return f"{plain(row.next.environment)}: {', '.join([what, *map(plain, row.next.missing)])}"


def _turn(row: BoardRow) -> str:
    """`prod: data-review 2/6, owner data-office, 3 days ago, overdue; nina, noah`, for each place with a step whose turn it is."""
    return "\n".join(f"{plain(place.environment)}: {_current(place.current_step)}" for place in row.places if place.current_step)


def _current(step: CurrentStep) -> str:
    late = ", overdue" if step.overdue else ""
    people = f"; {listed(plain(one.name or one.id) for one in step.can_complete)}" if step.can_complete else ""
    return f"{plain(step.name)} {step.complete + 1}/{step.steps}, owner {plain(step.owner)}, {ago(step.since)}{late}{people}"


def _since(row: BoardRow) -> str:
    return ago(row.next.since) if row.next else ago(row.places[-1].since) if row.places else ""


def _lead_time(row: BoardRow) -> str:
    if row.lead_time_seconds is None:
        return ""
    return f"{in_words(row.lead_time_seconds)} ({plain(row.live_number)} in {plain(row.live_environment)})"


COLUMNS: tuple[Column[BoardRow], ...] = (
    ("version", _version),
    ("qualification", lambda row: listed(row.qualification)),
    ("steps", _places),
    ("policy's step", _turn),
    ("waits for", _waits),
    ("since", _since),
    ("lead time", _lead_time),
)
IN_SHORT: tuple[Column[BoardRow], ...] = (
    ("version", _version),
    ("waits for", _waits),
    ("since", _since),
    ("lead time", _lead_time),
)
