"""Add a service account: an admin's act."""

from collections.abc import Sequence
from dataclasses import dataclass

from placet_approval.commands.changed_holders import ChangedServiceAccount
from placet_approval.domain.names import short_name
from placet_approval.domain.service_account import ServiceAccount, ServiceAccountName
from placet_shared.access import Roles, allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["AddServiceAccount", "add_service_account"]


@dataclass(frozen=True, slots=True)
class AddServiceAccount:
    """A new service account."""

    account_id: str
    name: str
    roles: Sequence[str]


@allowed(Roles.ADMIN)
async def add_service_account(command: AddServiceAccount, uow: UnitOfWork) -> ChangedServiceAccount:
    """Raises `Conflict` when the name is taken."""
    name = short_name("name", command.name)
    if taken := await uow.load(ServiceAccountName, ServiceAccountName.key_of(name)):
        uow.about(taken.account_id)
        raise taken.refuse_another()
    at = await uow.now()
    account = ServiceAccount.add(command.account_id, name, command.roles, at)
    uow.save(ServiceAccountName.reserve(name, account.account_id, at), subject=account.account_id)
    uow.save(account, subject=account.account_id)
    return ChangedServiceAccount.of(account)
