"""Decisions about people, service accounts and tokens: given these events, when this command, then these events or this refusal."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placet_approval.domain.person import Person
from placet_approval.domain.roles import SERVICE_ACCOUNT_ROLES
from placet_approval.domain.service_account import ServiceAccount, ServiceAccountName
from placet_approval.domain.token import Token
from placet_shared.aggregates import Aggregate, Event, event_classes, own_fields, plain_fields
from placet_shared.contracts.approval_people import PEOPLE_EVENTS
from placet_shared.errors import Conflict, Invalid, Malformed, PlacetError

AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
HASH = "ab" * 32


def new_events(aggregate: Aggregate) -> list[tuple[str, dict[str, Any]]]:
    return [(event.TOPIC, plain_fields(event)) for event in aggregate.collect_events() if isinstance(event, Event)]


def a_person(*roles: str) -> Person:
    person = Person.add("p1", roles, AT)
    person.collect_events()
    return person


def an_account(*roles: str) -> ServiceAccount:
    account = ServiceAccount.add("a1", "ci", roles, AT)
    account.collect_events()
    return account


def a_token() -> Token:
    token = Token.issue("t1", holder_id="p1", holder_kind="person", token_sha256=HASH, expires_at=None, issuers=(), at=AT)
    token.collect_events()
    return token


def refusal_of(decide: Callable[[], object], kind: type[PlacetError]) -> str:
    with pytest.raises(kind) as caught:
        decide()
    assert caught.value.resolve, "every refusal says what would help"
    return caught.value.code


def test_person_added_has_each_role_once_in_order() -> None:
    person = Person.add("p1", ["reviewer", "admin", "reviewer"], AT)
    assert new_events(person) == [("PersonAdded", {"person_id": "p1", "roles": ["admin", "reviewer"]})]
    assert person.active


def test_person_may_have_a_role_that_only_a_policy_knows() -> None:
    assert a_person("model-risk-2").roles == ["model-risk-2"]


@pytest.mark.parametrize("role", ["", "a", "Admin", "1st", "risk officer", "x" * 42, "admin\n"])
def test_role_with_a_malformed_name_is_refused(role: str) -> None:
    assert refusal_of(lambda: Person.add("p1", [role], AT), Malformed) == "malformed"


def test_roles_changed_to_others_says_all_of_them() -> None:
    person = a_person("developer")
    person.change_roles(["reviewer", "developer"], AT)
    assert new_events(person) == [("PersonRolesChanged", {"person_id": "p1", "roles": ["developer", "reviewer"]})]


def test_roles_changed_to_the_same_is_no_event() -> None:
    person = a_person("developer", "reviewer")
    person.change_roles(["reviewer", "developer"], AT)
    assert new_events(person) == []


def test_roles_of_a_deactivated_person_stay() -> None:
    person = a_person("developer")
    person.deactivate(AT)
    assert refusal_of(lambda: person.change_roles(["admin"], AT), Conflict) == "person_deactivated"


def test_person_deactivated_twice_is_one_event() -> None:
    person = a_person()
    person.deactivate(AT)
    person.deactivate(AT)
    assert new_events(person) == [("PersonDeactivated", {"person_id": "p1"})]


def test_person_erased_while_active_is_deactivated_too() -> None:
    person = a_person()
    person.erase(AT)
    assert new_events(person) == [("PersonDeactivated", {"person_id": "p1"}), ("PersonErased", {"person_id": "p1"})]


def test_person_erased_twice_is_one_event() -> None:
    person = a_person()
    person.deactivate(AT)
    person.collect_events()
    person.erase(AT)
    person.erase(AT)
    assert new_events(person) == [("PersonErased", {"person_id": "p1"})]


def test_service_account_added_takes_roles_of_systems() -> None:
    account = ServiceAccount.add("a1", "ci", SERVICE_ACCOUNT_ROLES, AT)
    assert new_events(account) == [
        ("ServiceAccountAdded", {"account_id": "a1", "name": "ci", "roles": ["auditor", "developer", "pipeline", "service"]})
    ]


@given(st.from_regex(r"[a-z][a-z0-9-]{1,40}", fullmatch=True).filter(lambda role: role not in SERVICE_ACCOUNT_ROLES))
def test_service_account_never_gets_a_role_that_may_sign(role: str) -> None:
    assert refusal_of(lambda: ServiceAccount.add("a1", "ci", [role], AT), Invalid) == "role_not_for_service_accounts"
    account = an_account("pipeline")
    assert refusal_of(lambda: account.change_roles(["pipeline", role], AT), Invalid) == "role_not_for_service_accounts"
    assert new_events(account) == []


@pytest.mark.parametrize("role", ["admin", "reviewer", "risk-officer"])
def test_service_account_is_neither_admin_nor_reviewer_nor_risk_officer(role: str) -> None:
    assert refusal_of(lambda: ServiceAccount.add("a1", "ci", [role], AT), Invalid) == "role_not_for_service_accounts"


def test_service_account_deactivated_takes_no_roles() -> None:
    account = an_account("pipeline")
    account.deactivate(AT)
    account.deactivate(AT)
    assert new_events(account) == [("ServiceAccountDeactivated", {"account_id": "a1"})]
    assert refusal_of(lambda: account.change_roles(["auditor"], AT), Conflict) == "service_account_deactivated"


def test_service_account_name_has_one_stream_for_all_who_reserve_it() -> None:
    first, second = (ServiceAccountName.reserve("ci", account, AT) for account in ("a1", "a2"))
    assert first.id == second.id != ServiceAccountName.reserve("cd", "a1", AT).id


def test_token_issued_holds_the_hash_and_when_it_expires() -> None:
    expires = datetime(2026, 12, 1, 1, 0, tzinfo=timezone(timedelta(hours=1)))
    token = Token.issue("t1", holder_id="p1", holder_kind="person", token_sha256=HASH, expires_at=expires, issuers=["p2", "p1"], at=AT)
    assert new_events(token) == [
        (
            "TokenIssued",
            {
                "token_id": "t1",
                "holder_id": "p1",
                "holder_kind": "person",
                "token_sha256": HASH,
                "expires_at": "2026-12-01T00:00:00.000000Z",
                "issuers": ["p2"],
            },
        )
    ]


def test_token_that_would_be_expired_at_once_is_refused() -> None:
    def issue() -> Token:
        return Token.issue("t1", holder_id="p1", holder_kind="person", token_sha256=HASH, expires_at=AT, issuers=(), at=AT)

    assert refusal_of(issue, Invalid) == "expiry_in_the_past"


def test_token_revoked_twice_is_one_event() -> None:
    token = a_token()
    reason = {"id": "x", "hmac": "00"}
    token.revoke(reason, AT)
    token.revoke(None, AT)
    assert new_events(token) == [("TokenRevoked", {"token_id": "t1", "reason": reason})]


def test_every_event_has_a_contract_of_its_name_and_fields() -> None:
    stored = event_classes(Person, ServiceAccount, ServiceAccountName, Token)
    assert {name: own_fields(event) for name, event in stored.items()} == {
        name: list(model.model_fields) for name, model in PEOPLE_EVENTS.items()
    }
