"""Deactivate a service account: an admin's act, after which none of its tokens is valid."""

from dataclasses import dataclass

from placet_approval.commands.answers import account_answer
from placet_approval.commands.find_holder import find_account
from placet_shared.event_store import Answer, UnitOfWork

__all__ = ["DeactivateServiceAccount", "deactivate_service_account"]


@dataclass(frozen=True, slots=True)
class DeactivateServiceAccount:
    """`account` is an id or a name."""

    account: str


async def deactivate_service_account(command: DeactivateServiceAccount, uow: UnitOfWork) -> Answer:
    """Its name stays taken."""
    account = await find_account(uow, command.account)
    uow.expect(account)
    account.deactivate(await uow.now())
    uow.save(account, subject=account.account_id)
    return account_answer(account)
