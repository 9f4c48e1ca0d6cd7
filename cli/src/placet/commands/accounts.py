"""`placet accounts`: service accounts, which programs use."""

from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet.commands.tokens import Expires, Into, issue, refuse_existing
from placet_client.answers.people import ServiceAccount
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_json, show_line, show_names, show_table
from placet_client.printing.words import listed, plain, when

__all__ = ["accounts"]

accounts = noun("Service accounts: list them; an admin adds one with its token, changes its roles, deactivates it.")

AccountName = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Id or name.")]
Role = Annotated[list[str] | None, typer.Option(help="pipeline, developer, auditor or service. Repeatable.")]
COLUMNS: tuple[Column[ServiceAccount], ...] = (
    ("name", lambda account: plain(account.name)),
    ("roles", lambda account: listed(account.roles)),
    ("state", lambda account: "active" if account.active else "inactive"),
    ("added", lambda account: when(account.added_at)),
    ("id", lambda account: plain(account.account_id)),
)


@accounts.command("list")
def list_accounts(limit: Limit = 50, who: As = None, as_json: AsJson = False) -> None:
    """In the order in which they were added."""
    with installation(who) as placet:
        page = placet.approval.service_accounts(limit)
    if as_json:
        return show_json(page.raw)
    show_names(account.name for account in page.items)
    show_table(COLUMNS, page.items, "There are no service accounts yet.")
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


@accounts.command("add")
def add_account(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Unique for ever.")],
    role: Role = None,
    expires: Expires = None,
    into: Into = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Add a service account, issue a token for it and show that, once. For admins. A service account never signs."""
    refuse_existing(into)
    with installation(who) as placet:
        added = placet.approval.add_service_account(name, role or [])
        note(f"Added {name} with {_roles(added.roles)} ({added.account_id}). Another token: placet tokens issue {name}")
        issue(placet, name, expires, into, as_json)


@accounts.command("roles")
def change_roles(account: AccountName, role: Role = None, who: As = None, as_json: AsJson = False) -> None:
    """Give a service account exactly these roles. For admins."""
    with installation(who) as placet:
        changed = placet.approval.change_service_account_roles(account, role or [])
    if as_json:
        return show_json(changed.raw)
    show_line(f"{plain(changed.name)} now has {_roles(changed.roles)}.")


@accounts.command("deactivate")
def deactivate_account(account: AccountName, who: As = None, as_json: AsJson = False) -> None:
    """Deactivate a service account: all its tokens are refused from now on. For admins."""
    with installation(who) as placet:
        changed = placet.approval.deactivate_service_account(account)
    if as_json:
        return show_json(changed.raw)
    show_line(f"{plain(changed.name)} may not act any more.")


def _roles(roles: tuple[str, ...]) -> str:
    if not roles:
        return "no role"
    return f"the role{'s' if len(roles) > 1 else ''} {listed(roles)}"
