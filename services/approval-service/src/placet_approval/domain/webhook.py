"""A webhook: a system that is sent the events of some types, by its own address and with a secret that it checks them by."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self

from placet_shared.aggregates import Aggregate, Created, Event
from placet_shared.errors import Conflict

__all__ = ["DisabledBecause", "Webhook"]

DisabledBecause = Literal["asked", "gone"]


class Webhook(Aggregate):
    """Enabled until it is disabled, and then again; address and secrets are kept beside the events."""

    TOPIC = "Webhook"
    CATEGORY = "webhook"

    webhook_id: str
    host: str
    url_sha256: str
    types: list[str]
    enabled: bool = True

    class WebhookAdded(Created):
        """Events of these types are sent from here on."""

        TOPIC = "WebhookAdded"

        webhook_id: str
        host: str
        url_sha256: str
        types: list[str]

    class WebhookSecretRotated(Event):
        """Signatures are made with a new secret."""

        TOPIC = "WebhookSecretRotated"

        webhook_id: str

    class WebhookDisabled(Event):
        """Nothing is sent from here on."""

        TOPIC = "WebhookDisabled"

        webhook_id: str
        because: str

        def apply(self, aggregate: "Webhook") -> None:
            aggregate.enabled = False

    class WebhookEnabled(Event):
        """Events are sent again."""

        TOPIC = "WebhookEnabled"

        webhook_id: str

        def apply(self, aggregate: "Webhook") -> None:
            aggregate.enabled = True

    class WebhookPinged(Event):
        """This event itself is sent."""

        TOPIC = "WebhookPinged"

        webhook_id: str

    class WebhookRedeliveryRequested(Event):
        """An event is sent once more."""

        TOPIC = "WebhookRedeliveryRequested"

        webhook_id: str
        event_id: str

    @classmethod
    def add(cls, webhook_id: str, host: str, url_sha256: str, types: Sequence[str], at: datetime) -> Self:
        """Begin to send."""
        return cls.create(cls.WebhookAdded, key=webhook_id, at=at, webhook_id=webhook_id, host=host, url_sha256=url_sha256, types=[*types])

    def rotate_secret(self, at: datetime) -> None:
        """With a new secret from now on."""
        self.trigger(self.WebhookSecretRotated, at=at, webhook_id=self.webhook_id)

    def disable(self, because: DisabledBecause, at: datetime) -> None:
        """Send nothing; a second time is no event."""
        if self.enabled:
            self.trigger(self.WebhookDisabled, at=at, webhook_id=self.webhook_id, because=because)

    def enable(self, at: datetime) -> None:
        """Send again; of one that is enabled it is no event."""
        if not self.enabled:
            self.trigger(self.WebhookEnabled, at=at, webhook_id=self.webhook_id)

    def ping(self, at: datetime) -> None:
        """Send an event that tells of nothing else."""
        self._require_enabled()
        self.trigger(self.WebhookPinged, at=at, webhook_id=self.webhook_id)

    def request_redelivery(self, event_id: str, at: datetime) -> None:
        """Send an event once more, whatever became of it before."""
        self._require_enabled()
        self.trigger(self.WebhookRedeliveryRequested, at=at, webhook_id=self.webhook_id, event_id=event_id)

    def _require_enabled(self) -> None:
        if not self.enabled:
            raise Conflict(
                "This webhook is disabled, so nothing is sent to it.",
                code="webhook_disabled",
                resolve=f"Enable it first: `placet webhooks enable {self.webhook_id}`.",
                webhook_id=self.webhook_id,
            )
