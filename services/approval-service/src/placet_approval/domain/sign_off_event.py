"""What every event of a sign-off says: which one, of which version, for which environment."""

from typing import Any

from placet_shared.aggregates import Event

__all__ = ["Commitment", "SignOffEvent"]

Commitment = dict[str, Any]


class SignOffEvent(Event):
    """A reader of one event needs no other one to know what it is about."""

    sign_off_id: str
    model_id: str
    version_id: str
    environment: str
