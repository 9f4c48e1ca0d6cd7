"""`placet directives`: what is to be done about deployments whose yes has ended."""

from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet.commands.unapproved import because, of_version
from placet_client.answers.directives import Directive
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_facts, show_json, show_line, show_names, show_table
from placet_client.printing.times import ago, dated
from placet_client.printing.words import plain, short

__all__ = ["directives"]

directives = noun("Directives: list what is to be done about what runs without a yes, show one, resolve one.")

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the directive.")]
HOW = ("ended", "replaced", "shadowed", "accepted")


def _kind(one: Directive) -> str:
    return plain(one.kind).replace("_", " ")


def _state(one: Directive) -> str:
    return plain(one.how).replace("_", " ") if one.how else "open"


COLUMNS: tuple[Column[Directive], ...] = (
    ("environment", lambda one: plain(one.environment)),
    ("version", lambda one: of_version(one.model, one.model_id, one.number)),
    ("directive", _kind),
    ("yes", lambda one: because(one.because)),
    ("state", _state),
    ("issued", lambda one: ago(one.issued_at)),
    ("id", lambda one: plain(one.id)),
)
IN_SHORT: tuple[Column[Directive], ...] = (
    ("id", lambda one: plain(one.id)),
    ("of", lambda one: f"{of_version(one.model, one.model_id, one.number)} in {plain(one.environment)}"),
    ("directive", lambda one: f"{_kind(one)}, {_state(one)}"),
)


@directives.command("list")
def list_directives(
    only_open: Annotated[bool, typer.Option("--open", help="Only those that are not resolved.")] = False,
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="Only there.")] = None,
    model: Annotated[str | None, typer.Option(help="Only of this model, by id or name.")] = None,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """The newest first."""
    with installation(who) as placet:
        page = placet.approval.directives(limit, "open" if only_open else None, environment, model)
    if as_json:
        return show_json(page.raw)
    show_names(one.id for one in page.items)
    show_table(COLUMNS, page.items, "There is no directive that fits.", narrow=IN_SHORT)
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


@directives.command("show")
def show_directive(directive: Id, who: As = None, as_json: AsJson = False) -> None:
    """One directive: why it was issued, what to roll back to, and what became of it."""
    with installation(who) as placet:
        found = placet.approval.directive(directive)
    if as_json:
        return show_json(found.raw)
    show_names([found.id])
    target = found.roll_back_to
    show_facts(
        [
            *[(heading, value(found)) for heading, value in COLUMNS],
            ("artifact", short(found.artifact_sha256)),
            ("deployment", plain(found.deployment_id)),
            ("sign-off", plain(found.sign_off_id)),
            ("roll back to", f"version {plain(target.version_id)}, artifact {short(target.artifact_sha256)}" if target else ""),
            ("resolved", f"{dated(found.resolved_at)}, by {plain(found.known_by)}" if found.how else ""),
            ("by", plain(found.resolved_by.name or found.resolved_by.id) if found.resolved_by else ""),
            ("reason", plain(found.reason.text) if found.reason else ""),
        ]
    )
    if found.state == "open":
        note(f"When it was followed: placet directives resolve {found.id} --how ended")


@directives.command("resolve")
def resolve_directive(
    directive: Id,
    how: Annotated[str, typer.Option(help=f"What became of the deployment: {', '.join(HOW[:-1])} or {HOW[-1]}.")],
    reason: Annotated[str | None, typer.Option("--reason", "-r", help="Why, in your words; needed to accept.")] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Report that a directive was followed, or accept that the deployment runs on.

    ended, replaced, shadowed: for pipelines, developers and admins. accepted: for people who may sign. The deployment is listed by placet
    unapproved until registry knows that it is gone.
    """
    if how not in HOW:
        raise typer.BadParameter(f"{how} is none of {', '.join(HOW)}.", param_hint="--how")
    with installation(who) as placet:
        resolved = placet.approval.resolve_directive(directive, how, reason)
    if as_json:
        return show_json(resolved.raw)
    show_names([resolved.id])
    show_line(f"Directive {directive} is resolved: {how}.")
