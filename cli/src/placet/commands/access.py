"""`placet access`: what gives access and waits for a second admin."""

from collections.abc import Sequence
from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet.printing.policy_terms import all_terms, changed_terms
from placet_client import Client
from placet_client.answers.access import AccessChange, ProposedPolicy
from placet_client.answers.sign_offs import Holder
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_facts, show_json, show_line, show_names, show_table
from placet_client.printing.times import ago
from placet_client.printing.words import listed, plain

__all__ = ["access"]

access = noun("Access: changes that a second admin confirms, where the access policy asks for two.")

ChangeId = Annotated[str, typer.Argument(metavar="ID", help="Id of the change.")]


def _name(holder: Holder | None) -> str:
    return plain(holder.name or holder.id) if holder else ""


def _policy_in_words(proposed: ProposedPolicy) -> str:
    name = f" {plain(proposed.name)}" if proposed.name else ""
    what = f"the {plain(proposed.kind)}{name} for {plain(proposed.environment)}"
    return f"{what} is withdrawn" if proposed.withdraws else f"{what} asks for less: {listed(proposed.weakens)}"


def _what(change: AccessChange) -> str:
    match change.kind:
        case "roles":
            return f"{_name(change.person)} gets {listed(change.roles)}"
        case "token":
            return f"a token for {_name(change.person)}, made by {_name(change.proposed_by)}"
        case "policy" if change.policy:
            return _policy_in_words(change.policy)
        case _:
            return "one admin is enough"


COLUMNS: tuple[Column[AccessChange], ...] = (
    ("id", lambda change: plain(change.id)),
    ("what", _what),
    ("state", lambda change: plain(change.state)),
    ("proposed", lambda change: f"{ago(change.proposed_at)} by {_name(change.proposed_by)}"),
    ("decided", lambda change: f"{ago(change.decided_at)} by {_name(change.decided_by)}" if change.decided_at else ""),
)
IN_SHORT: tuple[Column[AccessChange], ...] = (
    ("id", lambda change: plain(change.id)),
    ("what", lambda change: f"{_what(change)}: {plain(change.state)}; proposed {ago(change.proposed_at)} by {_name(change.proposed_by)}"),
)


@access.command("list")
def list_changes(
    open_: Annotated[bool, typer.Option("--open", help="Only those that wait for a second admin.")] = False,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """The newest first."""
    with installation(who) as placet:
        page = placet.approval.access_changes(limit, open=open_)
    if as_json:
        return show_json(page.raw)
    show_names(change.id for change in page.items)
    show_table(COLUMNS, page.items, "No change of access waits or waited for a second admin.", narrow=IN_SHORT)
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


@access.command("show")
def show_change(change: ChangeId, who: As = None, as_json: AsJson = False) -> None:
    """One change, and what became of it; of a policy each term that would be another one."""
    with installation(who) as placet:
        found = placet.approval.access_change(change)
        if as_json:
            return show_json(found.raw)
        terms = _terms(placet, found.policy) if found.policy else ()
    show_names([found.id])
    show_facts([(heading, value(found)) for heading, value in COLUMNS])
    for line in terms:
        show_line(line)


def _terms(placet: Client, proposed: ProposedPolicy) -> Sequence[str]:
    """Against the version that it was held against, which may not be the one in force any more."""
    if not proposed.replaces or proposed.withdraws:
        return [f"{name}: {words}" for name, words in all_terms(proposed.content)]
    found = placet.approval.policy(proposed.environment)
    versions = [one for one in (*found.versions, *found.for_models) if one.name == proposed.name]
    return list(changed_terms(next(one.content for one in versions if one.version == proposed.replaces), proposed.content))


@access.command("confirm")
def confirm(change: ChangeId, who: As = None, as_json: AsJson = False) -> None:
    """Make a change. For an admin who did not propose it, whom it does not concern, and whose token neither of these made."""
    with installation(who) as placet:
        confirmed = placet.approval.confirm_access_change(change)
    if as_json:
        return show_json(confirmed.raw)
    show_line(f"Change {change} is confirmed and made.")


@access.command("withdraw")
def withdraw(change: ChangeId, who: As = None, as_json: AsJson = False) -> None:
    """Let a change be. For admins."""
    with installation(who) as placet:
        withdrawn = placet.approval.withdraw_access_change(change)
    if as_json:
        return show_json(withdrawn.raw)
    show_line(f"Change {change} is withdrawn.")
