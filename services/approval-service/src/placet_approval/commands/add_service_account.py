"""Add a service account: an admin's act."""

from collections.abc import Sequence
from dataclasses import dataclass

from placet_approval.commands.answers import account_answer
from placet_approval.domain.names import short_name
from placet_approval.domain.service_account import ServiceAccount, ServiceAccountName
from placet_shared.event_store import Answer, UnitOfWork

__all__ = ["AddServiceAccount", "add_service_account"]


@dataclass(frozen=True, slots=True)
class AddServiceAccount:
    """A system that wants to act here."""

    account_id: str
    name: str
    roles: Sequence[str]


async def add_service_account(command: AddServiceAccount, uow: UnitOfWork) -> Answer:
    """Raises `Conflict` when the name is taken."""
    name = short_name("name", command.name)
    if taken := await uow.load(ServiceAccountName, ServiceAccountName.key_of(name)):
        uow.about(taken.account_id)
        raise taken.refuse_another()
    at = await uow.now()
    account = ServiceAccount.add(command.account_id, name, command.roles, at)
    uow.save(ServiceAccountName.reserve(name, account.account_id, at), subject=account.account_id)
    uow.save(account, subject=account.account_id)
    return account_answer(account, status=201)
