"""Events about people, service accounts and tokens: the `data` that approval-service publishes, by event type.

The subject of each is the person or the service account that it is about; for a token, its holder.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from placet_shared.contracts import EventData, TextCommitment

__all__ = [
    "PEOPLE_EVENTS",
    "PersonAdded",
    "PersonAddressChanged",
    "PersonDeactivated",
    "PersonErased",
    "PersonRolesChanged",
    "ServiceAccountAdded",
    "ServiceAccountDeactivated",
    "ServiceAccountNameReserved",
    "ServiceAccountRolesChanged",
    "TokenIssued",
    "TokenRevoked",
]

Role = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]


class PersonAdded(EventData):
    """A person may act from now on. No event holds the person's name."""

    person_id: str
    roles: list[Role]


class PersonRolesChanged(EventData):
    """The person has these roles and no others."""

    person_id: str
    roles: list[Role]


class PersonAddressChanged(EventData):
    """Mail to the person goes to another address, or to none. No event holds an address."""

    person_id: str


class PersonDeactivated(EventData):
    """Every token of the person is invalid from now on."""

    person_id: str


class PersonErased(EventData):
    """The person's names were removed everywhere; the id stays."""

    person_id: str


class ServiceAccountNameReserved(EventData):
    """The name of a service account is in use and will never name another one."""

    name: str
    account_id: str


class ServiceAccountAdded(EventData):
    """A system may act from now on."""

    account_id: str
    name: str
    roles: list[Role]


class ServiceAccountRolesChanged(EventData):
    """The service account has these roles and no others."""

    account_id: str
    roles: list[Role]


class ServiceAccountDeactivated(EventData):
    """Every token of the service account is invalid from now on."""

    account_id: str


class TokenIssued(EventData):
    """A client that presents the text with this SHA-256 acts as the holder, until `expires_at` (null: until revoked).

    `issuers` are the people, other than the holder, who issued the token or one that it was issued with: they could act with it.
    """

    token_id: str
    holder_id: str
    holder_kind: Literal["person", "service_account"]
    token_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    expires_at: datetime | None
    issuers: list[str]


class TokenRevoked(EventData):
    """The token is invalid from now on."""

    token_id: str
    reason: TextCommitment | None


PEOPLE_EVENTS: dict[str, type[EventData]] = {
    model.__name__: model
    for model in (
        PersonAdded,
        PersonRolesChanged,
        PersonAddressChanged,
        PersonDeactivated,
        PersonErased,
        ServiceAccountNameReserved,
        ServiceAccountAdded,
        ServiceAccountRolesChanged,
        ServiceAccountDeactivated,
        TokenIssued,
        TokenRevoked,
    )
}
