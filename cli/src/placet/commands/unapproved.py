"""`placet unapproved`: what runs without a yes now, by facts alone."""

from typing import Annotated

import typer

from placet.commands.listing import Limit
from placet_client.answers.directives import Unapproved
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_json, show_names, show_table
from placet_client.printing.times import ago
from placet_client.printing.words import plain

__all__ = ["because", "of_version", "unapproved"]

BECAUSE = {"never": "never had one", "break_glass": "by break-glass, over"}


def because(code: str) -> str:
    """How the yes ended, in words."""
    return BECAUSE.get(code, plain(code))


def of_version(model: str | None, model_id: str, number: int | None) -> str:
    """`churn/3`, as further commands take it."""
    return f"{plain(model or model_id)}/{plain(number)}"


def _directive(one: Unapproved) -> str:
    if one.resolved:
        return f"reported {plain(one.resolved)}"
    return plain(one.kind).replace("_", " ") if one.kind else ""


COLUMNS: tuple[Column[Unapproved], ...] = (
    ("environment", lambda one: plain(one.environment)),
    ("version", lambda one: of_version(one.model, one.model_id, one.number)),
    ("yes", lambda one: because(one.because)),
    ("since", lambda one: ago(one.since)),
    ("directive", _directive),
    ("deployment", lambda one: plain(one.deployment_id)),
)
IN_SHORT: tuple[Column[Unapproved], ...] = (
    ("version", lambda one: f"{of_version(one.model, one.model_id, one.number)} in {plain(one.environment)}"),
    ("yes", lambda one: because(one.because)),
    ("since", lambda one: ago(one.since)),
    ("directive", _directive),
)


def unapproved(
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="Only there.")] = None,
    model: Annotated[str | None, typer.Option(help="Only of this model, by id or name.")] = None,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """What runs without a yes in force, where the policy asks for signatures.

    By facts alone: a deployment stays here until registry knows that it ended or was replaced, or its bytes are approved again, whatever
    was reported of its directive.
    """
    with installation(who) as placet:
        page = placet.approval.unapproved(limit, environment, model)
    if as_json:
        return show_json(page.raw)
    show_names(one.deployment_id for one in page.items)
    show_table(COLUMNS, page.items, "Everything that runs has a yes in force.", narrow=IN_SHORT)
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")
