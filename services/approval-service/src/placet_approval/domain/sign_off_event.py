"""The base of a sign-off's events."""

from typing import Any

from placet_shared.aggregates import Event

__all__ = ["Commitment", "SignOffEvent"]

Commitment = dict[str, Any]


class SignOffEvent(Event):
    """The fields of every event, so that a reader needs no other event to know what it is about."""

    sign_off_id: str
    model_id: str
    version_id: str
    environment: str
