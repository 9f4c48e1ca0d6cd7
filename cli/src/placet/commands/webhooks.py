"""`placet webhooks`: systems that are sent events, what was delivered to them, and sending it again."""

from enum import StrEnum
from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet.printing.people import Names
from placet_client import Client
from placet_client.answers.webhooks import Delivery, Webhook
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_facts, show_json, show_line, show_names, show_table
from placet_client.printing.times import ago, dated
from placet_client.printing.words import listed, plain
from placet_client.problems import Missing

__all__ = ["webhooks"]

webhooks = noun("Webhooks: systems that are sent events, signed; for admins.")

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the webhook.")]


class State(StrEnum):
    """Of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    PARKED = "parked"


@webhooks.command("add")
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="An https address of a public host.")],
    types: Annotated[
        list[str], typer.Option("--type", help="A type of events, `SignOff*` for all that begin so, `*` for all; repeat the option.")
    ],
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Send events of some types to an address, and show the secret that signs them, once.

    The receiver checks the header `webhook-signature` with any library for Standard Webhooks.
    """
    with installation(who) as placet:
        added = placet.approval.add_webhook(url, types)
    if as_json:
        return show_json(added.raw)
    note(f"Webhook {added.webhook_id}. Its secret is shown this once; try it: placet webhooks ping {added.webhook_id}")
    show_names([added.webhook_id])
    show_line(_secret(added.secret, added.webhook_id))


@webhooks.command("list")
def list_webhooks(limit: Limit = 50, who: As = None, as_json: AsJson = False) -> None:
    """All of them, with what waits and what was given up."""
    with installation(who) as placet:
        page = placet.approval.webhooks(limit)
    if as_json:
        return show_json(page.raw)
    show_names(one.webhook_id for one in page.items)
    show_table(COLUMNS, page.items, "There is no webhook.", narrow=IN_SHORT)


@webhooks.command("show")
def show(webhook: Id, who: As = None, as_json: AsJson = False) -> None:
    """One webhook, and its last deliveries."""
    with installation(who) as placet:
        found = placet.approval.webhook(webhook)
        if as_json:
            return show_json(found.raw)
        show_names([found.webhook_id])
        show_facts(
            [
                ("address", plain(found.url)),
                ("types", listed(found.types)),
                ("state", _state(found)),
                ("added", f"{dated(found.added_at)} by {plain(Names(placet).of(found.added_by))}"),
                ("secret before", f"signs too until {dated(found.previous_secret_until)}" if found.previous_secret_until else ""),
                ("waiting", str(found.pending)),
                ("given up", str(found.parked)),
            ]
        )
        show_line("")
        _show_deliveries(placet, webhook, 5, None)


@webhooks.command("deliveries")
def list_deliveries(
    webhook: Id,
    state: Annotated[State | None, typer.Option(help="Only those.", show_default=False)] = None,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """What was sent to it within 30 days or waits to be, the newest first, with the answer to the last attempt."""
    with installation(who) as placet:
        if as_json:
            return show_json(placet.approval.deliveries(webhook, limit, state).raw)
        _show_deliveries(placet, webhook, limit, state)


@webhooks.command("redeliver")
def redeliver(
    webhook: Id,
    event: Annotated[str, typer.Argument(metavar="EVENT", help="Id of the event, which is its `webhook-id`.")],
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Send an event again, at once, whatever became of it before."""
    with installation(who) as placet:
        requested = placet.approval.redeliver(webhook, event)
    if as_json:
        return show_json(requested.raw)
    show_line(f"It is sent now; see what becomes of it: placet webhooks deliveries {webhook}")


@webhooks.command("rotate")
def rotate(webhook: Id, who: As = None, as_json: AsJson = False) -> None:
    """Make a new secret and show it, once; for a day events are signed with the one before too."""
    with installation(who) as placet:
        rotated = placet.approval.rotate_webhook_secret(webhook)
    if as_json:
        return show_json(rotated.raw)
    note("Give it to the receiver within a day: until then the secret before is valid too.")
    show_line(_secret(rotated.secret, webhook))


@webhooks.command("disable")
def disable(webhook: Id, who: As = None, as_json: AsJson = False) -> None:
    """Send nothing to it; what happens meanwhile is not queued for it."""
    with installation(who) as placet:
        changed = placet.approval.disable_webhook(webhook)
    if as_json:
        return show_json(changed.raw)
    show_line(f"Nothing is sent to {plain(changed.host)} any more.")


@webhooks.command("enable")
def enable(webhook: Id, who: As = None, as_json: AsJson = False) -> None:
    """Send to it again: first, and at once, what was queued before it was disabled."""
    with installation(who) as placet:
        changed = placet.approval.enable_webhook(webhook)
    if as_json:
        return show_json(changed.raw)
    show_line(f"Events of {listed(changed.types)} are sent to {plain(changed.host)}.")


@webhooks.command("ping")
def ping(webhook: Id, who: As = None, as_json: AsJson = False) -> None:
    """Send it an event that tells of nothing else."""
    with installation(who) as placet:
        changed = placet.approval.ping_webhook(webhook)
    if as_json:
        return show_json(changed.raw)
    show_line(f"It is sent now; see what becomes of it: placet webhooks deliveries {webhook}")


def _show_deliveries(placet: Client, webhook: str, limit: int, state: str | None) -> None:
    page = placet.approval.deliveries(webhook, limit, state)
    show_names(one.event_id for one in page.items)
    show_table(DELIVERIES, page.items, "There is no delivery that fits.", narrow=DELIVERIES_IN_SHORT)


def _secret(secret: str | None, webhook: str) -> str:
    if secret is None:
        raise Missing("The answer was lost on the way, and with it the secret.", f"Make another one: placet webhooks rotate {webhook}")
    return secret


def _state(webhook: Webhook) -> str:
    if webhook.enabled:
        return "enabled"
    return "disabled: the receiver answered that it is gone" if webhook.disabled_because == "gone" else "disabled"


def _answer(delivery: Delivery) -> str:
    if delivery.attempted_at is None:
        return ""
    said = plain(delivery.error) if delivery.status is None else f"{delivery.status} {plain(delivery.response)}".strip()
    return f"{said} after {delivery.milliseconds} ms"


def _becomes(delivery: Delivery) -> str:
    if delivery.state == "pending" and delivery.attempts:
        return f"failed {delivery.attempts} ×, again {ago(delivery.next_attempt_at)}"
    return {"pending": "waits", "parked": f"given up after {delivery.attempts} attempts"}.get(delivery.state, plain(delivery.state))


COLUMNS: tuple[Column[Webhook], ...] = (
    ("address", lambda one: plain(one.url)),
    ("types", lambda one: listed(one.types)),
    ("state", _state),
    ("waiting", lambda one: str(one.pending)),
    ("given up", lambda one: str(one.parked)),
    ("id", lambda one: plain(one.webhook_id)),
)
IN_SHORT: tuple[Column[Webhook], ...] = (
    ("id", lambda one: plain(one.webhook_id)),
    ("address", lambda one: f"{plain(one.url)}: {_state(one)}, {one.pending} waiting, {one.parked} given up"),
)
DELIVERIES: tuple[Column[Delivery], ...] = (
    ("queued", lambda one: ago(one.queued_at)),
    ("type", lambda one: plain(one.type)),
    ("state", _becomes),
    ("answer", _answer),
    ("event", lambda one: plain(one.event_id)),
)
DELIVERIES_IN_SHORT: tuple[Column[Delivery], ...] = (
    ("event", lambda one: plain(one.event_id)),
    ("of", lambda one: "; ".join(part for part in (f"{plain(one.type)}: {_becomes(one)}", _answer(one)) if part)),
)
