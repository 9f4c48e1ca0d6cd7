"""`placet notifications`: when you are sent mail of what waits for you."""

from enum import StrEnum
from typing import Annotated

import typer

from placet.commands.listing import noun
from placet_client.answers.inbox import ChangedNotifications, Notifications
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import note, show_facts, show_json
from placet_client.printing.words import plain

__all__ = ["notifications"]

notifications = noun("Notifications: when you are sent mail of what waits for you; your inbox has it in any case.")


class Mail(StrEnum):
    """When."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    OFF = "off"


@notifications.command("list")
def list_notifications(who: As = None, as_json: AsJson = False) -> None:
    """How you are told."""
    with installation(who) as placet:
        found = placet.approval.notifications()
    if as_json:
        return show_json(found.raw)
    _show(found)
    if found.email is None:
        note("No address of yours is known; an admin adds people with one: placet people add NAME --email ADDRESS")


@notifications.command("set")
def set_notifications(
    mail: Annotated[Mail, typer.Option(help="At once, once a day, or not at all.")] = Mail.AT_ONCE,
    daily_at: Annotated[int, typer.Option(min=0, max=23, help="The hour of the daily mail.")] = 8,
    time_zone: Annotated[str, typer.Option(help="Your time zone, such as Europe/Berlin.")] = "UTC",
    quiet_from: Annotated[int | None, typer.Option(min=0, max=23, help="No mail from this hour on …", show_default=False)] = None,
    quiet_until: Annotated[int | None, typer.Option(min=0, max=23, help="… until this one.", show_default=False)] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Say how you want to be told; what you leave out becomes the default. Nothing is hidden from your inbox."""
    with installation(who) as placet:
        changed = placet.approval.change_notifications(
            mail, daily_at=daily_at, time_zone=time_zone, quiet_from=quiet_from, quiet_until=quiet_until
        )
    if as_json:
        return show_json(changed.raw)
    _show(changed)


def _show(found: ChangedNotifications) -> None:
    mail = {"at_once": "at once", "daily": f"once a day, from {found.daily_at}:00 on", "off": "none"}.get(found.mail, plain(found.mail))
    quiet = f"{found.quiet_from}:00 to {found.quiet_until}:00" if found.quiet_from is not None else ""
    address = plain(found.email) if isinstance(found, Notifications) else ""
    show_facts([("mail", mail), ("quiet", quiet), ("time zone", plain(found.time_zone)), ("to", address)])
