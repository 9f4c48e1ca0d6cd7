"""The event of approval-service after it was restored from a copy and people have reviewed what it lost."""

from typing import Annotated

from pydantic import Field

from placet_shared.contracts import EventData, TextCommitment

__all__ = ["RESTORE_EVENTS", "RestoreReviewed"]


class RestoreReviewed(EventData):
    """A person has reviewed what was lost in a restore; from here on the loss denies nothing any more. Its subject is that person.

    What was applied stands in events of its own, each with the lost event as its `causation`.
    """

    branches: Annotated[list[str], Field(description="the last event of each lost branch that a follower had")]
    lost: Annotated[int, Field(ge=0, description="events that the audit log has of them")]
    applied: Annotated[int, Field(ge=0)]
    offered: Annotated[int, Field(ge=0, description="left to people")]
    complete: Annotated[bool, Field(description="false: the audit log did not have all of it either")]
    reason: TextCommitment


RESTORE_EVENTS: dict[str, type[EventData]] = {"RestoreReviewed": RestoreReviewed}
