"""`placet inbox`: what waits for you, by when and why you; what you requested, and what you signed that ended."""

from typing import Annotated

import typer

from placet.printing.inbox import show_inbox
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import show_json, show_names

__all__ = ["inbox"]


def inbox(
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, help="How many to sign at most.")] = 20,
    person: Annotated[str | None, typer.Option("--person", help="Another person's, for admins and auditors.", show_default=False)] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """What waits for your signature, your feedback or as a step of a policy, the most urgent first, with the reason why it waits for you;
    what you requested, and what you signed that ended.

    First comes what runs without a yes, then what is due, then what has waited longest. What you may sign in another person's place is
    there too.
    """
    with installation(who) as placet:
        found = placet.approval.inbox(limit, person)
    if as_json:
        return show_json(found.raw)
    show_names([*(one.sign_off.id for one in found.to_sign), *(one.sign_off.id for one in found.to_answer)])
    show_inbox(found)
