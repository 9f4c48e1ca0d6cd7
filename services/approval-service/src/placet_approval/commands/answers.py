"""What commands answer about people and service accounts: ids and facts, and never a person's name (rule 15)."""

from placet_approval.domain.person import Person
from placet_approval.domain.service_account import ServiceAccount
from placet_shared.event_store import Answer

__all__ = ["account_answer", "person_answer"]


def person_answer(person: Person, *, status: int = 200) -> Answer:
    """The person as the command leaves it."""
    body = {"person_id": person.person_id, "roles": person.roles, "active": person.active, "erased": person.erased}
    return Answer(status, body, etag=person.version, location=f"/v1/people/{person.person_id}")


def account_answer(account: ServiceAccount, *, status: int = 200) -> Answer:
    """The service account as the command leaves it."""
    body = {"account_id": account.account_id, "name": account.name, "roles": account.roles, "active": account.active}
    return Answer(status, body, etag=account.version, location=f"/v1/service-accounts/{account.account_id}")
