"""Deactivate a service account: an admin's act, after which none of its tokens is valid."""

from dataclasses import dataclass

from placet_approval.commands.changed_holders import ChangedServiceAccount
from placet_approval.commands.find_holder import find_account
from placet_shared.access import Roles, allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["DeactivateServiceAccount", "deactivate_service_account"]


@dataclass(frozen=True, slots=True)
class DeactivateServiceAccount:
    """`account` is an id or a name."""

    account: str


@allowed(Roles.ADMIN)
async def deactivate_service_account(command: DeactivateServiceAccount, uow: UnitOfWork) -> ChangedServiceAccount:
    """Its name stays taken."""
    account = await find_account(uow, command.account)
    uow.expect(account)
    account.deactivate(await uow.now())
    uow.save(account, subject=account.account_id)
    return ChangedServiceAccount.of(account)
