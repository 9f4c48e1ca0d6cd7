"""`placet environments`: dev, test, prod or your own, in their order."""

from typing import Annotated

import typer

from placet.commands.listing import noun
from placet_client.answers.registry import Environment
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, show_json, show_line, show_names, show_table
from placet_client.printing.times import ago
from placet_client.printing.words import plain

__all__ = ["environments"]

environments = noun("Environments: list them in their order, or define another one.")

COLUMNS: tuple[Column[Environment], ...] = (
    ("place", lambda environment: plain(environment.place)),
    ("environment", lambda environment: plain(environment.name)),
    ("defined", lambda environment: ago(environment.defined_at)),
)


@environments.command("list")
def list_environments(who: As = None, as_json: AsJson = False) -> None:
    """In order, from the first to the last."""
    with installation(who) as placet:
        found = placet.registry.environments()
    if as_json:
        return show_json(found.raw)
    show_names(environment.name for environment in found.items)
    show_table(COLUMNS, found.items, "There is no environment.")


@environments.command("define")
def define_environment(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    after: Annotated[str | None, typer.Option(help="The environment that it comes right after; without it, it is the first.")] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Define an environment; it keeps its name and its place for ever. For admins."""
    with installation(who) as placet:
        defined = placet.registry.define_environment(name, after)
    if as_json:
        return show_json(defined.raw)
    show_names([name])
    show_line(f"Defined {name}, {f'after {after}' if after else 'before all others'}.")
