"""The published contracts: one module per source, in it one model per event type for exactly the fields of its `data`.

A field that is added, removed or means something else makes a new schema version of the event; a published one never changes.
"""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

__all__ = ["ActionRefused", "EventData", "ParkedEventRetried", "ParkedEventSkipped", "TextCommitment", "TextErased"]


class EventData(BaseModel):
    """Base of the models: nothing that the contract does not name."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    SCHEMA_VERSION: ClassVar[int] = 1


class TextCommitment(EventData):
    """A commitment to a free text that is kept beside the events: its id, and HMAC-SHA256 of it under a random salt."""

    id: str
    hmac: str


class ActionRefused(EventData):
    """Of every source: an action was refused. Its subject is what the action was about, or the actor.

    `action` is the use case, `code` the refusal's, as in the problem document, and `kind` its class: NotFound, Forbidden,
    Conflict, Invalid.
    """

    action: str
    code: str
    kind: str


class TextErased(EventData):
    """Of every source: a free text and its salt were removed, here and in every service that had a copy.

    Its subject is that of the text. The event that commits to the text stays as it is; a copy that arrives later is not kept.
    """

    text_id: str


class _ParkedEvent(EventData):
    consumer: str
    event_source: str
    event_epoch: int
    event_position: int
    event_id: str
    event_type: str
    attempts: int


class ParkedEventRetried(_ParkedEvent):
    """Of every source: an admin had a parked event of another source tried again, which could not be applied here.

    Its subject is that event's. `attempts` says how often it had been tried again before.
    """


class ParkedEventSkipped(_ParkedEvent):
    """Of every source: a person decided that an event of another source, which could not be applied here, never will be.

    Its subject is that event's. Events that queued behind it are then applied.
    """

    reason: TextCommitment
