"""`placet break-glass`: letting a version in without a yes in an emergency."""

from typing import Annotated, Any

import typer

from placet.commands.listing import Limit, noun
from placet.commands.unapproved import of_version
from placet_client.answers.break_glass import AllowedDecision, BreakGlass
from placet_client.commands.defaults import Defaults, OptionalModel
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import Environment, Number
from placet_client.printing.page import Column, note, show_facts, show_json, show_line, show_names, show_table
from placet_client.printing.times import ago, dated
from placet_client.printing.words import listed, plain, short

__all__ = ["break_glass"]

break_glass = noun("Break-glass: let a version in without a yes, list, show and close what is let in.")

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the break-glass.")]

COLUMNS: tuple[Column[BreakGlass], ...] = (
    ("environment", lambda one: plain(one.environment)),
    ("version", lambda one: of_version(one.model, one.model_id, one.number)),
    ("incident", lambda one: plain(one.incident)),
    ("state", lambda one: plain(one.state)),
    ("opened", lambda one: f"{ago(one.opened_at)} by {plain(one.opened_by.name or one.opened_by.id)}"),
    ("ends", lambda one: ago(one.closed_at or one.ends_at)),
    ("id", lambda one: plain(one.id)),
)
IN_SHORT: tuple[Column[BreakGlass], ...] = (
    ("id", lambda one: plain(one.id)),
    ("of", lambda one: f"{of_version(one.model, one.model_id, one.number)} in {plain(one.environment)}"),
    ("state", lambda one: f"{plain(one.state)}, {plain(one.incident)}"),
)
ALLOWED: tuple[Column[AllowedDecision], ...] = (
    ("let in", lambda one: dated(one.decided_at)),
    ("for", lambda one: plain(one.decided_by.name or one.decided_by.id)),
    ("in spite of", lambda one: listed(one.reasons)),
    ("decision", lambda one: plain(one.decision_id)),
)


@break_glass.command("open")
def open_break_glass(
    incident: Annotated[str, typer.Option(help="Id of the incident in your own system, such as INC-2041.")],
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why it can't wait, in your words.")],
    model: OptionalModel = None,
    number: Number = None,
    environment: Environment = None,
    minutes: Annotated[
        int | None, typer.Option(min=1, max=240, help="For how long; by default as long as the policy allows.", show_default=False)
    ] = None,
    digest: Annotated[str | None, typer.Option(help="SHA-256 of the artifact, instead of a version.", show_default=False)] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Let exactly these bytes into an environment for hours, in spite of what the policy asks for.

    For people whom the policy lets, with a token that was issued in the last 15 minutes. It leaves a debt: the model's next promotion there
    is denied until people who had no part in it have reviewed it.
    """
    defaults = Defaults()
    emergency: dict[str, Any] = {"environment": defaults.environment(environment), "incident": incident, "reason": reason}
    with installation(who) as placet:
        if digest:
            emergency["digest"] = digest
        else:
            name = defaults.version(placet, model, number)
            emergency |= {"model": name.model, "number": name.number}
        defaults.tell()
        opened = placet.approval.open_break_glass({**emergency, "minutes": minutes})
    if as_json:
        return show_json(opened.raw)
    show_names([opened.id])
    show_line(
        f"Broken: until {dated(opened.ends_at)} the gate lets {short(opened.artifact_sha256)} into {opened.environment}.", "bold yellow"
    )
    note(f"As soon as it is not needed any more: placet break-glass close {opened.id}")
    note(f"It leaves a debt, for people who had no part in it: placet debts review {opened.debt_id} --review TEXT")


@break_glass.command("list")
def list_break_glasses(
    only_open: Annotated[bool, typer.Option("--open", help="Only those that let something in now.")] = False,
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="Only there.")] = None,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """The newest first."""
    with installation(who) as placet:
        page = placet.approval.break_glasses(limit, open=only_open, environment=environment)
    if as_json:
        return show_json(page.raw)
    show_names(one.id for one in page.items)
    show_table(COLUMNS, page.items, "There is no break-glass that fits.", narrow=IN_SHORT)
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


@break_glass.command("show")
def show_break_glass(glass: Id, who: As = None, as_json: AsJson = False) -> None:
    """One break-glass, and everything that it let in."""
    with installation(who) as placet:
        found = placet.approval.break_glass(glass)
    if as_json:
        return show_json(found.raw)
    show_names([found.id])
    show_facts(
        [
            *[(heading, value(found)) for heading, value in COLUMNS],
            ("artifact", short(found.artifact_sha256)),
            ("reason", "erased" if found.reason.erased else plain(found.reason.text)),
            ("closed by", plain(found.closed_by.name or found.closed_by.id) if found.closed_by else ""),
            ("debt", plain(found.debt_id)),
        ]
    )
    show_table(ALLOWED, found.decisions or (), "It let nothing in.")


@break_glass.command("close")
def close_break_glass(glass: Id, who: As = None, as_json: AsJson = False) -> None:
    """Close it before its time: for the person who opened it, admins, and people who may open one or sign. The debt stays."""
    with installation(who) as placet:
        closed = placet.approval.close_break_glass(glass)
    if as_json:
        return show_json(closed.raw)
    show_names([closed.id])
    show_line(f"Closed: break-glass {glass} lets nothing in any more.")
    note(f"Its review is due: placet debts show {closed.debt_id}")
