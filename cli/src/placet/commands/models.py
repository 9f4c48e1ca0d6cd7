"""`placet models`: what is registered, and its tags."""

from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet.commands.versions import COLUMNS as VERSION_COLUMNS
from placet.commands.versions import IN_SHORT as VERSION_IN_SHORT
from placet.printing.people import Names
from placet_client.answers.registry import Model, Qualification, Qualities, TaggedModel, Text
from placet_client.commands import completion
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_facts, show_json, show_line, show_names, show_table
from placet_client.printing.times import ago, dated
from placet_client.printing.words import listed, plain

__all__ = ["models"]

models = noun("Models: list them, show one with its versions, or change its tags.")

COLUMNS: tuple[Column[Model], ...] = (
    ("model", lambda model: plain(model.name)),
    ("versions", lambda model: plain(model.latest_number or "none")),
    ("tags", lambda model: listed(model.tags)),
    ("changed", lambda model: ago(model.changed_at)),
    ("id", lambda model: plain(model.id)),
)
IN_SHORT: tuple[Column[Model], ...] = (*COLUMNS[:-1],)
NEWEST = 10
LEVELS = {"low", "medium", "high"}
LevelOption = Annotated[str | None, typer.Option(help="low, medium or high; left out: as it is.", show_default=False)]
ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="Id or name.", autocompletion=completion.models)]


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
    show_names(model.name for model in page.items)
    show_table(COLUMNS, page.items, "No model is registered that fits.", narrow=IN_SHORT)
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


@models.command("show")
def show_model(model: ModelName, who: As = None, as_json: AsJson = False) -> None:
    """One model, with its newest versions."""
    with installation(who) as placet:
        found = placet.registry.model(model)
        if as_json:
            return show_json(found.raw)
        versions = placet.registry.versions(NEWEST, found.id).items
        names = Names(placet)
        registered_by = names.of(found.registered_by)
        judged_by = names.of(found.qualification.by) if found.qualification and found.qualification.by else ""
    description = found.description
    show_names([found.name])
    show_facts(
        [
            ("model", plain(found.name)),
            ("id", plain(found.id)),
            ("description", _text(description) if description else ""),
            ("tags", listed(found.tags)),
            ("qualification", _judged(found.qualification)),
            ("judged", _why(found.qualification, judged_by)),
            ("registered", f"{dated(found.registered_at)} by {registered_by}"),
        ]
    )
    show_line("")
    show_table(VERSION_COLUMNS[1:], versions, "It has no version yet.", narrow=VERSION_IN_SHORT)


@models.command("tag")
def tag_model(
    model: ModelName,
    tag: Annotated[str, typer.Argument(metavar="KEY=VALUE", help="Identifiers, no free text.")],
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Set a tag of a model. For developers and admins; a key that begins with governance/ is for admins alone."""
    key, equals, value = tag.partition("=")
    if not (key and equals and value):
        raise typer.BadParameter(f"{tag!r} has to be KEY=VALUE.", param_hint="KEY=VALUE")
    with installation(who) as placet:
        tagged = placet.registry.tag_model(model, key, value)
    _show_tags(model, tagged, as_json)


@models.command("qualify")
def qualify_model(
    model: ModelName,
    *,
    value: LevelOption = None,
    risk: LevelOption = None,
    feasibility: LevelOption = None,
    risk_tier: LevelOption = None,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why it is judged so.")],
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Judge a model: its value, its risk, its feasibility, and the risk tier by which plans select it. For admins."""
    judged = {"value": value, "risk": risk, "feasibility": feasibility, "risk_tier": risk_tier}
    given = {quality: level for quality, level in judged.items() if level is not None}
    if not given or not LEVELS.issuperset(given.values()):
        raise typer.BadParameter("give at least one of --value, --risk, --feasibility, --risk-tier: low, medium or high.")
    with installation(who) as placet:
        qualified = placet.registry.qualify_model(model, reason, **given)
    if as_json:
        return show_json(qualified.raw)
    show_line(f"{model}: {_judged(qualified.qualification)}")


@models.command("untag")
def untag_model(model: ModelName, key: Annotated[str, typer.Argument(metavar="KEY")], who: As = None, as_json: AsJson = False) -> None:
    """Remove a tag of a model. For developers and admins; a key that begins with governance/ is for admins alone."""
    with installation(who) as placet:
        tagged = placet.registry.untag_model(model, key)
    _show_tags(model, tagged, as_json)


def _judged(qualification: Qualities | None) -> str:
    """`risk tier high, value medium`; nothing where it was not judged."""
    if qualification is None:
        return ""
    found = (("risk tier", qualification.risk_tier), ("value", qualification.value), ("risk", qualification.risk))
    return listed(f"{name} {plain(level)}" for name, level in (*found, ("feasibility", qualification.feasibility)) if level)


def _why(qualification: Qualification | None, by: str) -> str:
    """`3 days ago by dora: It decides on loans.`"""
    if qualification is None or qualification.by is None:
        return ""
    return f"{ago(qualification.at)} by {by}{f': {_text(qualification.reason)}' if qualification.reason else ''}"


def _show_tags(model: str, tagged: TaggedModel, as_json: bool) -> None:
    if as_json:
        return show_json(tagged.raw)
    show_line(f"{model}: {listed(tagged.tags) or 'no tags'}")


def _text(text: Text) -> str:
    return "(erased)" if text.erased else plain(text.text)
