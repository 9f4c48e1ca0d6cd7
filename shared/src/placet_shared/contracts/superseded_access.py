"""Schema versions of changes of access from before a weaker policy was one of them."""

from typing import Annotated, Literal

from pydantic import Field

from placet_shared.contracts import EventData
from placet_shared.contracts.approval_access import ProposedToken

__all__ = ["SUPERSEDED_OF_ACCESS"]


class AccessChangeProposedV1(EventData):
    """An admin proposes that a person gets these roles besides, or this token, or that one admin is enough again; it has no effect yet.

    `token_issuers` are people who could have proposed it, since they issued the token that was used.
    """

    change_id: str
    kind: Literal["roles", "token", "access_policy"]
    person_id: str | None
    roles: list[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]]
    token: ProposedToken | None
    two_admins: bool | None
    proposed_by: str
    token_issuers: list[str]


SUPERSEDED_OF_ACCESS: dict[tuple[str, int], type[EventData]] = {("AccessChangeProposed", 1): AccessChangeProposedV1}
