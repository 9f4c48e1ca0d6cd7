"""`placet delegations`: who signs in whose place."""

from collections.abc import Sequence
from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet_client.answers.delegations import Delegation
from placet_client.answers.sign_offs import Holder
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_json, show_line, show_names, show_table
from placet_client.printing.times import dated
from placet_client.printing.words import listed, plain

__all__ = ["delegations"]

delegations = noun("Delegations: list them; let another person sign in your place, for a time; end one.")


def _name(holder: Holder) -> str:
    return plain(holder.name or holder.id)


def _scope(roles: Sequence[str], environments: Sequence[str], models: Sequence[str]) -> str:
    where = f" for {listed(environments)}" if environments else ""
    what = f" of {listed(models)}" if models else ""
    return f"{listed(roles)}{where}{what}"


COLUMNS: tuple[Column[Delegation], ...] = (
    ("of", lambda one: _name(one.delegator)),
    ("to", lambda one: _name(one.delegate)),
    ("as", lambda one: _scope(one.roles, one.environments, one.models)),
    ("from", lambda one: dated(one.starts_at)),
    ("until", lambda one: dated(one.ends_at)),
    ("state", lambda one: plain(one.state).replace("_", " ")),
    ("reason", lambda one: plain(one.reason)),
    ("id", lambda one: plain(one.id)),
)
IN_SHORT: tuple[Column[Delegation], ...] = (
    ("id", lambda one: plain(one.id)),
    (
        "what",
        lambda one: (
            f"{_name(one.delegate)} for {_name(one.delegator)} as {_scope(one.roles, one.environments, one.models)} "
            f"until {dated(one.ends_at)}, {plain(one.state).replace('_', ' ')}"
        ),
    ),
)


@delegations.command("list")
def list_delegations(
    person: Annotated[str | None, typer.Option(help="Only from or to this person, by id or name.")] = None,
    standing: Annotated[bool, typer.Option("--standing", help="Only those that are in force or will be.")] = False,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """The newest first."""
    with installation(who) as placet:
        page = placet.approval.delegations(limit, person=person, standing=standing)
    if as_json:
        return show_json(page.raw)
    show_names(one.id for one in page.items)
    show_table(COLUMNS, page.items, "There is no delegation that fits.", narrow=IN_SHORT)
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


@delegations.command("add")
def add_delegation(
    to: Annotated[str, typer.Argument(metavar="PERSON", help="Who is to sign in your place, by id or name.")],
    until: Annotated[str, typer.Option(metavar="TIME", help="RFC 3339, such as 2027-01-18T00:00:00Z; at most 90 days after the start.")],
    reason: Annotated[str, typer.Option(help="Why, in your words.")],
    start: Annotated[str | None, typer.Option("--from", metavar="TIME", help="By default now.")] = None,
    role: Annotated[list[str] | None, typer.Option(help="Only in this role of yours; repeatable, by default in all.")] = None,
    environment: Annotated[list[str] | None, typer.Option("--environment", "-e", help="Only for this one; repeatable.")] = None,
    model: Annotated[list[str] | None, typer.Option(help="Only for this one, by id, name or a name with *; repeatable.")] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Let another person sign in your place. You both count once, and neither signs what the other had a part in."""
    scope = {"environments": environment or [], "models": model or []}
    with installation(who) as placet:
        added = placet.approval.delegate(to, until, reason, starts_at=start, roles=role, **scope)
    if as_json:
        return show_json(added.raw)
    note(f"{to} may sign in your place as {_scope(added.roles, added.environments, added.models)} until {dated(added.ends_at)}.")
    show_names([added.id])
    show_line(added.id)


@delegations.command("end")
def end_delegation(
    delegation: Annotated[str, typer.Argument(metavar="ID", help="Id of the delegation.")],
    reason: Annotated[str | None, typer.Option(help="Why, in your words.")] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """End one before its time: for its two people and for admins. Signatures under it count no more while their sign-offs are open."""
    with installation(who) as placet:
        ended = placet.approval.end_delegation(delegation, reason)
    if as_json:
        return show_json(ended.raw)
    show_line(f"Delegation {delegation} is ended.")
