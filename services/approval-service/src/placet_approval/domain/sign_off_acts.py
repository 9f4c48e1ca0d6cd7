"""What all acts on a sign-off have in common: the fields of their events, and that it is open."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from placet_approval.domain.known_sign_off import SignOffState
from placet_approval.domain.sign_off_event import SignOffEvent
from placet_approval.domain.sign_off_history import SignOffHistory
from placet_shared.errors import Conflict

__all__ = ["SignOffActs"]

CLOSED: Mapping[SignOffState, tuple[str, str]] = {
    "approved": ("It is approved already.", "Nothing more is needed; ask the gate. To take it back, revoke it."),
    "suspended": ("It is approved and suspended.", "Read why; a person who may sign lets it go on: `placet signoff resume ID`."),
    "rejected": ("It was rejected.", "Read why; when the reasons are dealt with, request a new sign-off."),
    "withdrawn": ("It was withdrawn.", "Request a new sign-off if it is wanted again."),
    "expired": ("Its time was over before people had decided.", "Its requester begins a new round, or requests another sign-off."),
    "invalidated": ("What it was about has changed.", "Request a new sign-off for how things are now."),
    "revoked": ("It was revoked.", "Read why; when the reasons are dealt with, request a new sign-off."),
}


class SignOffActs(SignOffHistory):
    """Lets an act happen, once a subclass has decided that it may."""

    def __init__(self) -> None:
        super().__init__()

    def _require_pending(self) -> None:
        if self.state != "pending":
            happened, resolve = CLOSED[self.state]
            raise Conflict(f"This sign-off is closed. {happened}", code="sign_off_closed", resolve=resolve, state=self.state)

    def _happen(self, event_class: type[SignOffEvent], at: datetime, **values: Any) -> None:
        self.trigger(
            event_class,
            at=at,
            sign_off_id=self.key,
            model_id=self.binding.model_id,
            version_id=self.binding.version_id,
            environment=self.binding.environment,
            **values,
        )
