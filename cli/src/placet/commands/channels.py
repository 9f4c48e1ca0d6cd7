"""`placet channels`: channels of Slack and Teams, where what waits for some roles or for a person is posted."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet.printing.people import Names
from placet_client import Client
from placet_client.answers.channels import Channel
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_facts, show_json, show_line, show_names, show_table
from placet_client.printing.times import ago, dated
from placet_client.printing.words import listed, plain

__all__ = ["channels"]

channels = noun("Channels: Slack and Teams are told of what waits for a role or a person; for admins.")

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the channel.")]


class Kind(StrEnum):
    """Of a channel."""

    SLACK = "slack"
    TEAMS = "teams"


class Frequency(StrEnum):
    """Of posts."""

    AT_ONCE = "at_once"
    DAILY = "daily"


@channels.command("add")
def add(
    kind: Annotated[Kind, typer.Argument(metavar="KIND", help="slack or teams.", show_default=False)],
    url: Annotated[str, typer.Argument(metavar="URL", help="The address that Slack or Teams made, a secret; `-` reads it from stdin.")],
    role: Annotated[list[str] | None, typer.Option(help="What waits for this role is posted; repeat the option.")] = None,
    person: Annotated[str | None, typer.Option(help="Instead of roles: what waits for this person.", show_default=False)] = None,
    frequency: Annotated[Frequency, typer.Option(help="At once, or once a day.")] = Frequency.AT_ONCE,
    daily_at: Annotated[int, typer.Option(min=0, max=23, help="The hour of the daily post.")] = 8,
    time_zone: Annotated[str, typer.Option(help="Its time zone, such as Europe/Berlin.")] = "UTC",
    quiet_from: Annotated[int | None, typer.Option(min=0, max=23, help="No post from this hour on …", show_default=False)] = None,
    quiet_until: Annotated[int | None, typer.Option(min=0, max=23, help="… until this one.", show_default=False)] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Post what waits to a channel: a Slack incoming webhook, or a Teams Workflow that takes webhook requests.

    A person's own preferences say when posts for that person are sent: placet notifications.
    """
    address = sys.stdin.readline().strip() if url == "-" else url
    with installation(who) as placet:
        added = placet.approval.add_channel(
            kind,
            address,
            role or [],
            person=person,
            frequency=frequency,
            daily_at=daily_at,
            time_zone=time_zone,
            quiet_from=quiet_from,
            quiet_until=quiet_until,
        )
    if as_json:
        return show_json(added.raw)
    show_names([added.channel_id])
    show_line(f"Channel {added.channel_id}. Try it: placet channels test {added.channel_id}")


@channels.command("list")
def list_channels(limit: Limit = 50, who: As = None, as_json: AsJson = False) -> None:
    """All of them, with what became of the last post."""
    with installation(who) as placet:
        page = placet.approval.channels(limit)
        if as_json:
            return show_json(page.raw)
        show_names(one.channel_id for one in page.items)
        show_table(_columns(placet), page.items, "There is no channel.", narrow=_in_short(placet))


@channels.command("show")
def show(channel: Id, who: As = None, as_json: AsJson = False) -> None:
    """One channel; its address is not shown."""
    with installation(who) as placet:
        found = placet.approval.channel(channel)
        if as_json:
            return show_json(found.raw)
        names = Names(placet)
        show_names([found.channel_id])
        show_facts(
            [
                ("kind", plain(found.kind)),
                ("host", plain(found.host)),
                ("for", _for_whom(found, names)),
                ("posts", _when(found)),
                ("added", f"{dated(found.added_at)} by {plain(names.of(found.added_by))}"),
                ("last post", _last(found)),
                ("next", f"not before {dated(found.retry_at)}" if found.retry_at else ""),
            ]
        )


@channels.command("test")
def try_out(channel: Id, who: As = None, as_json: AsJson = False) -> None:
    """Post something that tells of nothing, within seconds."""
    with installation(who) as placet:
        changed = placet.approval.try_channel(channel)
    if as_json:
        return show_json(changed.raw)
    show_line(f"A test is posted within seconds; see what becomes of it: placet channels show {changed.channel_id}")


@channels.command("remove")
def remove(channel: Id, who: As = None, as_json: AsJson = False) -> None:
    """Post nothing there any more, and delete its address."""
    with installation(who) as placet:
        changed = placet.approval.remove_channel(channel)
    if as_json:
        return show_json(changed.raw)
    note("What waits stays in inboxes.")
    show_line(f"Nothing is posted to {plain(changed.host)} from this channel any more.")


def _for_whom(channel: Channel, names: Names) -> str:
    return plain(names.of(channel.person_id)) if channel.person_id else listed(channel.roles)


def _when(channel: Channel) -> str:
    if channel.person_id:
        return "as the person prefers"
    often = "at once" if channel.frequency == "at_once" else f"once a day, from {channel.daily_at}:00 on"
    quiet = f", quiet {channel.quiet_from}:00 to {channel.quiet_until}:00" if channel.quiet_from is not None else ""
    return f"{often}{quiet} ({plain(channel.time_zone)})"


def _last(channel: Channel) -> str:
    if channel.posted_at is None:
        return ""
    what = plain(channel.error) if channel.error else "taken"
    return f"{ago(channel.posted_at)}: {' '.join(part for part in (plain(channel.status), what) if part)}"


def _columns(placet: Client) -> tuple[Column[Channel], ...]:
    names = Names(placet)
    return (
        ("kind", lambda one: plain(one.kind)),
        ("for", lambda one: _for_whom(one, names)),
        ("last post", _last),
        ("host", lambda one: plain(one.host)),
        ("id", lambda one: plain(one.channel_id)),
    )


def _in_short(placet: Client) -> tuple[Column[Channel], ...]:
    names = Names(placet)
    return (
        ("id", lambda one: plain(one.channel_id)),
        ("of", lambda one: "; ".join(part for part in (f"{plain(one.kind)} for {_for_whom(one, names)}", _last(one)) if part)),
    )
