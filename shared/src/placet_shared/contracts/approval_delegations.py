"""Events about people who act in other people's place: the `data` that approval-service publishes, by event type.

The subject of each is the person in whose place is acted. A reason is a commitment; its text is kept beside the events.
"""

from typing import Annotated

from pydantic import Field

from placet_shared.contracts import EventData, TextCommitment

__all__ = ["DELEGATION_EVENTS", "AbsenceCleared", "AbsenceStated", "DelegationEnded", "DelegationGranted"]

Role = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]


class DelegationGranted(EventData):
    """From `starts_at` to `ends_at` the delegate may sign in the delegator's place, in these roles.

    No environment and no model stand for all; models are ids, names, and names with * for any characters. `token_issuers` are people who
    could have acted as the delegator, since they issued the token that was used.
    """

    delegation_id: str
    delegator_id: str
    delegate_id: str
    roles: list[Role]
    environments: list[str]
    models: list[str]
    starts_at: str
    ends_at: str
    token_issuers: list[str]
    reason: TextCommitment


class DelegationEnded(EventData):
    """It was ended before its time, by one of the two people or by an admin: what was signed under it counts no more in open sign-offs."""

    delegation_id: str
    delegator_id: str
    delegate_id: str
    ended_by: str
    reason: TextCommitment | None


class AbsenceStated(EventData):
    """The person is absent from `starts_at` to `ends_at` (null: until it is cleared); no right changes by that."""

    person_id: str
    starts_at: str
    ends_at: str | None
    stated_by: str


class AbsenceCleared(EventData):
    """The person is there again."""

    person_id: str
    cleared_by: str


DELEGATION_EVENTS: dict[str, type[EventData]] = {
    model.__name__: model for model in (DelegationGranted, DelegationEnded, AbsenceStated, AbsenceCleared)
}
