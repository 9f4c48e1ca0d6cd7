"""Events about webhooks, which tell other systems of events: the `data` that approval-service publishes, by event type.

The subject of each is the webhook. Its address and its secrets stand in no event: an address may hold a secret of the receiver.
"""

from typing import Annotated, Literal

from pydantic import Field

from placet_shared.contracts import EventData

__all__ = [
    "WEBHOOK_EVENTS",
    "WebhookAdded",
    "WebhookDisabled",
    "WebhookEnabled",
    "WebhookPinged",
    "WebhookRedeliveryRequested",
    "WebhookSecretRotated",
]


class WebhookAdded(EventData):
    """Events of these types are sent to an address of this host from now on; `url_sha256` is of the whole address."""

    webhook_id: str
    host: str
    url_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    types: list[str]


class WebhookSecretRotated(EventData):
    """What is sent is signed with a new secret, and for a day with the one before too."""

    webhook_id: str


class WebhookDisabled(EventData):
    """Nothing is sent to it any more: an admin `asked` for that, or the receiver answered that it is `gone`."""

    webhook_id: str
    because: Literal["asked", "gone"]


class WebhookEnabled(EventData):
    """It is sent events again: what was queued before it was disabled, and what happens from now on."""

    webhook_id: str


class WebhookPinged(EventData):
    """A test: this event itself is sent to the webhook, whichever types it asks for."""

    webhook_id: str


class WebhookRedeliveryRequested(EventData):
    """An event is sent to the webhook once more."""

    webhook_id: str
    event_id: str


WEBHOOK_EVENTS: dict[str, type[EventData]] = {
    model.__name__: model
    for model in (WebhookAdded, WebhookSecretRotated, WebhookDisabled, WebhookEnabled, WebhookPinged, WebhookRedeliveryRequested)
}
