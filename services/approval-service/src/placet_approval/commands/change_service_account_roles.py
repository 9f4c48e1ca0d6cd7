"""Change a service account's roles: an admin's act."""

from collections.abc import Sequence
from dataclasses import dataclass

from placet_approval.commands.changed_holders import ChangedServiceAccount
from placet_approval.commands.find_holder import find_account
from placet_shared.access import Roles, allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["ChangeServiceAccountRoles", "change_service_account_roles"]


@dataclass(frozen=True, slots=True)
class ChangeServiceAccountRoles:
    """`account` is an id or a name; `roles` are all that it has from then on."""

    account: str
    roles: Sequence[str]


@allowed(Roles.ADMIN)
async def change_service_account_roles(command: ChangeServiceAccountRoles, uow: UnitOfWork) -> ChangedServiceAccount:
    """Valid at once here, and elsewhere within the bus's lag."""
    account = await find_account(uow, command.account)
    uow.expect(account)
    account.change_roles(command.roles, await uow.now())
    uow.save(account, subject=account.account_id)
    return ChangedServiceAccount.of(account)
