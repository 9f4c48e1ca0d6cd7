"""Events about who gives access: the `data` that approval-service publishes, by event type.

The subject of a change is the person or the policy that it concerns, else the access policy, which is `access-policy`.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from placet_shared.contracts import EventData, TextCommitment

__all__ = ["ACCESS_EVENTS", "AccessChangeConfirmed", "AccessChangeProposed", "AccessChangeWithdrawn", "AccessPolicyDefined"]

Role = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]


class AccessPolicyDefined(EventData):
    """From here on a second admin confirms what gives access, or one is enough."""

    version: Annotated[int, Field(ge=1)]
    two_admins: bool


class ProposedToken(EventData):
    """A token that one person made for another; it is valid from the confirmation on."""

    token_id: str
    token_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    expires_at: str | None


class ProposedPolicy(EventData):
    """A policy or floor that asks for less than version `replaces`, 0 where there is none of its name, or that is to be withdrawn, for the
    reason `withdrawal`; `content` is as in `PolicyDefined` or `FloorDefined`. `revision` counts what was defined in the environment before.
    """

    policy_id: str
    environment: str
    name: str | None
    kind: Literal["policy", "floor"]
    takes_effect: Literal["next", "at-renewal", "immediately"]
    replaces: Annotated[int, Field(ge=0)]
    revision: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    content: dict[str, Any]
    weakens: list[str]
    withdrawal: TextCommitment | None


class AccessChangeProposed(EventData):
    """An admin proposes that a person gets these roles besides, or this token, that one admin is enough again, or that a policy asks for
    less; it has no effect yet.

    `token_issuers` are people who could have proposed it, since they issued the token that was used.
    """

    SCHEMA_VERSION: ClassVar[int] = 2

    change_id: str
    kind: Literal["roles", "token", "access_policy", "policy"]
    person_id: str | None
    roles: list[Role]
    token: ProposedToken | None
    two_admins: bool | None
    policy: ProposedPolicy | None
    proposed_by: str
    token_issuers: list[str]


class AccessChangeConfirmed(EventData):
    """A second admin confirmed it; what it gives follows in the same append."""

    change_id: str
    confirmed_by: str
    token_issuers: list[str]


class AccessChangeWithdrawn(EventData):
    """An admin withdrew it."""

    change_id: str
    withdrawn_by: str


ACCESS_EVENTS: dict[str, type[EventData]] = {
    model.__name__: model for model in (AccessPolicyDefined, AccessChangeProposed, AccessChangeConfirmed, AccessChangeWithdrawn)
}
