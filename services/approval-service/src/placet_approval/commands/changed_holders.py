"""Results of commands on people and service accounts: ids and facts, never a person's name (rule 15)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from placet_approval.domain.person import Person
from placet_approval.domain.service_account import ServiceAccount

__all__ = ["ChangedPerson", "ChangedServiceAccount"]


@dataclass(frozen=True, slots=True)
class ChangedPerson:
    """The person as the command leaves it; `proposed_change` waits for a second admin."""

    person_id: str
    roles: Sequence[str]
    active: bool
    erased: bool
    proposed_change: str | None
    revision: int

    @classmethod
    def of(cls, person: Person, proposed_change: str | None = None) -> Self:
        """From the aggregate."""
        return cls(person.person_id, person.roles, person.active, person.erased, proposed_change, person.version)


@dataclass(frozen=True, slots=True)
class ChangedServiceAccount:
    """The service account as the command leaves it."""

    account_id: str
    name: str
    roles: Sequence[str]
    active: bool
    revision: int

    @classmethod
    def of(cls, account: ServiceAccount) -> Self:
        """From the aggregate."""
        return cls(account.account_id, account.name, account.roles, account.active, account.version)
