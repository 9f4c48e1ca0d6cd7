"""`placet models`: what is registered."""

from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet.commands.versions import COLUMNS as VERSION_COLUMNS
from placet.printing.people import Names
from placet_client.answers.registry import Model, Text
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_facts, show_json, show_table
from placet_client.printing.words import listed, plain, when

__all__ = ["models"]

models = noun("Models: list them, or show one with its versions.")

COLUMNS: tuple[Column[Model], ...] = (
    ("model", lambda model: plain(model.name)),
    ("versions", lambda model: plain(model.latest_number or "none")),
    ("tags", lambda model: listed(model.tags)),
    ("changed", lambda model: when(model.changed_at)),
    ("id", lambda model: plain(model.id)),
)
NEWEST = 10


@models.command("list")
def list_models(
    name: Annotated[str | None, typer.Option(help="A part of the name.")] = None,
    tag: Annotated[
        list[str] | None, typer.Option(help="KEY=VALUE, or KEY for any value; all must fit. Only admins set governance/….")
    ] = None,
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="A version is deployed there now.")] = None,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """By name."""
    with installation(who) as placet:
        page = placet.registry.models(limit, name=name, tag=tag, environment=environment)
    if as_json:
        return show_json(page.raw)
    show_table(COLUMNS, page.items, "No model is registered that fits.")
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


@models.command("show")
def show_model(model: Annotated[str, typer.Argument(metavar="MODEL", help="Id or name.")], who: As = None, as_json: AsJson = False) -> None:
    """One model, with its newest versions."""
    with installation(who) as placet:
        found = placet.registry.model(model)
        if as_json:
            return show_json(found.raw)
        versions = placet.registry.versions(NEWEST, found.id).items
        registered_by = Names(placet).of(found.registered_by)
    description = found.description
    show_facts(
        [
            ("model", plain(found.name)),
            ("id", plain(found.id)),
            ("description", _text(description) if description else ""),
            ("tags", listed(found.tags)),
            ("registered", f"{when(found.registered_at)} by {registered_by}"),
        ]
    )
    show_table(VERSION_COLUMNS[1:], versions, "It has no version yet.")


def _text(text: Text) -> str:
    return "(erased)" if text.erased else plain(text.text)
