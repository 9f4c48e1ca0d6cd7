"""`placet tokens`: access tokens are issued, shown once, listed, revoked."""

import os
from pathlib import Path
from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet.printing.people import Names
from placet_client import Client
from placet_client.answers.people import Token
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_json, show_line, show_names, show_table
from placet_client.printing.times import ago, dated
from placet_client.printing.words import plain
from placet_client.problems import Missing

__all__ = ["Expires", "Into", "issue", "refuse_existing", "tokens"]

Expires = Annotated[str | None, typer.Option(metavar="TIME", help="RFC 3339, such as 2027-06-30T00:00:00Z.")]
Into = Annotated[Path | None, typer.Option(metavar="FILE", help="A new file that only you can read, instead of the terminal.")]

tokens = noun("Tokens: list them, issue one, revoke one.")


@tokens.command("list")
def list_tokens(
    holder: Annotated[str | None, typer.Option(help="Only of this person or service account, by id or name.")] = None,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """In the order in which they were issued; their texts can't be listed."""
    with installation(who) as placet:
        page = placet.approval.tokens(limit, holder)
        if as_json:
            return show_json(page.raw)
        show_names(token.token_id for token in page.items)
        names = Names(placet)
        show_table(_columns(names), page.items, "There is no token that fits.", narrow=_in_short(names))
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


@tokens.command("issue")
def issue_token(
    holder: Annotated[str | None, typer.Argument(metavar="[HOLDER]", help="By default yourself.", show_default=False)] = None,
    expires: Expires = None,
    into: Into = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Issue a token and show it, once. People for themselves, an admin for any holder."""
    refuse_existing(into)
    with installation(who) as placet:
        issue(placet, holder, expires, into, as_json)


@tokens.command("revoke")
def revoke_token(
    token: Annotated[str, typer.Argument(metavar="ID", help="Id of the token.")],
    reason: Annotated[str | None, typer.Option(help="Why, in your words.")] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Revoke a token: it is refused from now on. People their own, an admin any."""
    with installation(who) as placet:
        revoked = placet.approval.revoke_token(token, reason)
    if as_json:
        return show_json(revoked.raw)
    show_line(f"Token {token} is revoked.")


def refuse_existing(into: Path | None) -> None:
    """Raises a usage error when there is such a file: before anything is done."""
    if into and into.exists():
        raise typer.BadParameter(f"{into} exists already.", param_hint="--into")


def issue(placet: Client, holder: str | None, expires: str | None, into: Path | None, as_json: bool) -> None:
    """Issue a token, and show its text or write it into a new file."""
    issued = placet.approval.issue_token(holder, expires)
    text = issued.token
    if text is None:
        lost = f"The answer was lost on the way, and with it the text of the token {issued.token_id}."
        raise Missing(lost, f"Revoke it, and issue another: placet tokens revoke {issued.token_id}")
    if into:
        _write(into, text)
    if as_json:
        return show_json({**issued.raw, "token": None if into else text})
    if issued.proposed_change:
        note(f"It is valid when a second admin has confirmed it: placet access confirm {issued.proposed_change}")
    note(f"Token {issued.token_id}, valid until {dated(issued.expires_at) or 'it is revoked'}. It is stored nowhere else.")
    show_names([str(into) if into else text])
    show_line(str(into) if into else text)


def _columns(names: Names) -> tuple[Column[Token], ...]:
    return (
        ("holder", lambda token: plain(names.of(token.holder_id))),
        ("state", lambda token: plain(token.state).replace("_", " ")),
        ("issued", lambda token: ago(token.issued_at)),
        ("by", lambda token: plain(names.of(token.issued_by))),
        ("expires", lambda token: ago(token.expires_at) or "never"),
        ("id", lambda token: plain(token.token_id)),
    )


def _in_short(names: Names) -> tuple[Column[Token], ...]:
    return (
        ("id", lambda token: plain(token.token_id)),
        ("holder", lambda token: plain(names.of(token.holder_id))),
        ("state", lambda token: plain(token.state).replace("_", " ")),
        ("expires", lambda token: ago(token.expires_at) or "never"),
    )


def _write(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(text + "\n")
