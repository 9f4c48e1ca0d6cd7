"""Who gives access, as approval-service answers."""

from datetime import datetime
from typing import Any

from placet_client.answers.answer import Answer, Part
from placet_client.answers.sign_offs import Holder

__all__ = ["AccessChange", "AccessPolicy", "CheckedAccessPolicy", "ClosedAccessChange", "DefinedAccessPolicy", "ProposedPolicy"]


class AccessPolicy(Answer, frozen=True, kw_only=True):
    """Whether a second admin confirms what gives access; version 0 where none was defined."""

    version: int
    two_admins: bool
    defined_by: str | None = None
    defined_at: datetime | None = None


class CheckedAccessPolicy(Answer, frozen=True, kw_only=True):
    """A document that could be defined."""

    kind: str
    two_admins: bool


class DefinedAccessPolicy(Answer, frozen=True, kw_only=True):
    """What is in force; `proposed_change` waits for a second admin."""

    two_admins: bool
    version: int
    changed: bool
    proposed_change: str | None = None


class ProposedPolicy(Part, frozen=True, kw_only=True):
    """A policy or floor that asks for less than version `replaces`, which is 0 where there was none, or that is to be withdrawn."""

    policy_id: str
    environment: str
    name: str | None = None
    kind: str = "policy"
    takes_effect: str = "next"
    withdraws: bool = False
    replaces: int
    sha256: str
    content: dict[str, Any] = {}
    weakens: tuple[str, ...] = ()


class AccessChange(Answer, frozen=True, kw_only=True):
    """A change of access; `kind` is roles, token, access_policy or policy, `state` is proposed, confirmed or withdrawn."""

    id: str
    kind: str
    state: str
    person: Holder | None = None
    roles: tuple[str, ...] = ()
    token_id: str | None = None
    two_admins: bool | None = None
    policy: ProposedPolicy | None = None
    proposed_by: Holder
    proposed_at: datetime
    decided_by: Holder | None = None
    decided_at: datetime | None = None
    version: int


class ClosedAccessChange(Answer, frozen=True, kw_only=True):
    """A change after a command, in ids."""

    id: str
    kind: str
    state: str
    person_id: str | None = None
    environment: str | None = None
