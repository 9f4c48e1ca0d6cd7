"""The board of approval-service: how far every model has come."""

from datetime import datetime

from placet_client.answers.answer import Answer, Part
from placet_client.answers.steps import CurrentStep

__all__ = ["BoardRow", "Place"]


class Place(Part, frozen=True, kw_only=True):
    """How far a version has come in an environment, and what it waits for there."""

    environment: str
    step: str
    since: datetime
    waits_for: str | None = None
    missing: tuple[str, ...] = ()
    have: int = 0
    need: int = 0
    sign_off_id: str | None = None
    ended: str | None = None
    current_step: CurrentStep | None = None


class BoardRow(Answer, frozen=True, kw_only=True):
    """A model by its newest version; `next` is where that has to go, None when it is deployed in the last environment.

    `live_environment`: of those with a policy that prevents, the last one in which the model was ever deployed; `live_number` was the last
    version there.
    """

    model_id: str
    model: str
    qualification: dict[str, str] = {}
    version_id: str | None = None
    number: int | None = None
    registered_at: datetime | None = None
    places: tuple[Place, ...] = ()
    next: Place | None = None
    live_number: int | None = None
    live_environment: str | None = None
    lead_time_seconds: int | None = None
