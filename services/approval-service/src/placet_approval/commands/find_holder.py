"""Finds the person or service account of a command, by id or by name."""

from placet_approval.domain.person import Person
from placet_approval.domain.service_account import ServiceAccount
from placet_shared.errors import Invalid, NotFound
from placet_shared.event_store import UnitOfWork

__all__ = ["find_account", "find_holder", "find_person"]

# An id never has the form of a name, and neither is ever given again.
FIND = """
    select person_id as id, 'person' as kind from people where person_id = $1
    union all select person_id, 'person' from people_names where name = $1
    union all select account_id, 'service_account' from service_accounts where account_id = $1 or name = $1
"""


async def find_person(uow: UnitOfWork, id_or_name: str) -> Person:
    """The person; raises `NotFound`."""
    return await _load_person(uow, (await _found(uow, id_or_name)).get("person"))


async def find_account(uow: UnitOfWork, id_or_name: str) -> ServiceAccount:
    """The service account; raises `NotFound`."""
    return await _load_account(uow, (await _found(uow, id_or_name)).get("service_account"))


async def find_holder(uow: UnitOfWork, id_or_name: str) -> Person | ServiceAccount:
    """A person or a service account; raises `NotFound`, or `Invalid` when one of each shares the name."""
    found = await _found(uow, id_or_name)
    if len(found) > 1:
        raise Invalid(
            "A person and a service account share this name.", code="holder_ambiguous", resolve="Give the id of the one you mean."
        )
    if account_id := found.get("service_account"):
        return await _load_account(uow, account_id)
    return await _load_person(uow, found.get("person"))


async def _found(uow: UnitOfWork, id_or_name: str) -> dict[str, str]:
    """Kind → id of each holder with this id or name."""
    return {row["kind"]: row["id"] for row in await uow.fetch(FIND, id_or_name)}


# A refusal may be kept as an answer, and so it does not repeat a person's name (rule 15).


async def _load_person(uow: UnitOfWork, person_id: str | None) -> Person:
    person = await uow.load(Person, person_id) if person_id else None
    if person is None:
        raise NotFound("There is no such person.", code="person_not_found", resolve="GET /v1/people lists ids and names.")
    uow.about(person.person_id)
    return person


async def _load_account(uow: UnitOfWork, account_id: str | None) -> ServiceAccount:
    account = await uow.load(ServiceAccount, account_id) if account_id else None
    if account is None:
        raise NotFound(
            "There is no such service account.",
            code="service_account_not_found",
            resolve="GET /v1/service-accounts lists ids and names.",
        )
    uow.about(account.account_id)
    return account
