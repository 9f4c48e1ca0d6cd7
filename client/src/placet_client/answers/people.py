"""People, service accounts and tokens, as approval-service answers."""

from datetime import datetime

from placet_client.answers.answer import Answer

__all__ = ["ChangedPerson", "ChangedServiceAccount", "Identity", "IssuedToken", "Person", "RevokedToken", "ServiceAccount", "Token"]


class Identity(Answer, frozen=True, kw_only=True):
    """The token's holder; `kind` is person or service_account."""

    id: str
    kind: str
    name: str | None = None
    display_name: str | None = None
    roles: tuple[str, ...] = ()
    token_id: str
    expires_at: datetime | None = None


class Person(Answer, frozen=True, kw_only=True):
    """A person; erased, only the id is left."""

    person_id: str
    name: str | None = None
    display_name: str | None = None
    email: str | None = None
    roles: tuple[str, ...] = ()
    active: bool
    erased: bool
    version: int
    added_at: datetime
    changed_at: datetime
    erased_at: datetime | None = None


class ChangedPerson(Answer, frozen=True, kw_only=True):
    """A person after a command; `proposed_change` waits for a second admin."""

    person_id: str
    roles: tuple[str, ...] = ()
    active: bool
    erased: bool
    proposed_change: str | None = None


class ServiceAccount(Answer, frozen=True, kw_only=True):
    """An account that programs use; it never signs."""

    account_id: str
    name: str
    roles: tuple[str, ...] = ()
    active: bool
    version: int
    added_at: datetime
    changed_at: datetime


class ChangedServiceAccount(Answer, frozen=True, kw_only=True):
    """A service account after a command."""

    account_id: str
    name: str
    roles: tuple[str, ...] = ()
    active: bool


class Token(Answer, frozen=True, kw_only=True):
    """Everything about a token but its text; `state` is active, revoked, expired or holder_inactive."""

    token_id: str
    holder_id: str
    holder_kind: str
    state: str
    version: int
    issued_at: datetime
    issued_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None


class IssuedToken(Answer, frozen=True, kw_only=True):
    """The one answer that has the token's text; None when the request was repeated. It is not valid while `proposed_change` waits."""

    token_id: str
    holder_id: str
    holder_kind: str
    expires_at: datetime | None = None
    token: str | None = None
    shown: str
    proposed_change: str | None = None


class RevokedToken(Answer, frozen=True, kw_only=True):
    """A token that is refused from now on."""

    token_id: str
    holder_id: str
    revoked: bool
