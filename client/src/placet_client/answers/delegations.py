"""Delegations and absences, as approval-service answers."""

from datetime import datetime

from placet_client.answers.answer import Answer
from placet_client.answers.sign_offs import Holder

__all__ = ["Absence", "ChangedAbsence", "ChangedDelegation", "Delegation"]


class Delegation(Answer, frozen=True, kw_only=True):
    """Who signs in whose place; `state` is in_force, coming, over, ended or without_role. No environment and no model stand for all."""

    id: str
    state: str
    delegator: Holder
    delegate: Holder
    roles: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    starts_at: datetime
    ends_at: datetime
    reason: str | None = None
    granted_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    version: int


class ChangedDelegation(Answer, frozen=True, kw_only=True):
    """A delegation after a command, in ids."""

    id: str
    delegator_id: str
    delegate_id: str
    roles: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    starts_at: datetime
    ends_at: datetime
    ended: bool


class Absence(Answer, frozen=True, kw_only=True):
    """A person who is absent or will be; `delegates` may sign in their place now, within a scope."""

    person: Holder
    roles: tuple[str, ...] = ()
    starts_at: datetime
    ends_at: datetime | None = None
    stated_by: Holder
    delegates: tuple[Holder, ...] = ()


class ChangedAbsence(Answer, frozen=True, kw_only=True):
    """An absence after a command; without a start the person is there."""

    person_id: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
