"""The access policy and changes that wait for a second admin: given these events, when this command, then these events or this refusal."""

from datetime import UTC, datetime
from typing import Any

import pytest

from placet_approval.domain.access_change import AccessChange
from placet_approval.domain.access_policy import AccessPolicy, governed_roles, refuse_ungoverned
from placet_approval.domain.sign_off_rules import Signer
from placet_shared.aggregates import event_classes, own_fields
from placet_shared.contracts.approval_access import ACCESS_EVENTS
from placet_shared.errors import Conflict, Forbidden

from .test_people_decisions import new_events, refusal_of

AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def admin(id: str, *issuers: str) -> Signer:
    return Signer(id, "person", frozenset({"admin"}), frozenset(issuers))


def a_proposal(by: str = "dora", *issuers: str, **what: Any) -> AccessChange:
    values: dict[str, Any] = {"person_id": "mallory", "roles": ["reviewer"], **what}
    change = AccessChange.propose("change-1", "roles", by, issuers, AT, **values)
    change.collect_events()
    return change


@pytest.mark.parametrize("name", sorted(ACCESS_EVENTS))
def test_contract_has_the_fields_of_the_event_in_their_order(name: str) -> None:
    events = event_classes(AccessPolicy, AccessChange)
    assert own_fields(events[name]) == list(ACCESS_EVENTS[name].model_fields)
    assert {*events} == {*ACCESS_EVENTS}


def test_second_admin_confirms() -> None:
    change = a_proposal()
    change.confirm(admin("olga", "root"), True, AT)
    said = {"change_id": "change-1", "confirmed_by": "olga", "token_issuers": ["root"]}
    assert new_events(change) == [("AccessChangeConfirmed", said)]
    assert refusal_of(lambda: change.confirm(admin("olga"), True, AT), Conflict) == "access_change_closed"


@pytest.mark.parametrize("who", ["dora", "mallory"])
def test_proposer_and_the_person_whom_it_concerns_do_not_confirm(who: str) -> None:
    assert refusal_of(lambda: a_proposal().confirm(admin(who), True, AT), Forbidden) == "second_admin_required"


ONE_HAND: dict[str, tuple[AccessChange, Signer]] = {
    "the proposer issued the confirmer's token": (a_proposal(), admin("olga", "dora")),
    "the confirmer issued the proposer's token": (a_proposal("dora", "olga"), admin("olga")),
    "a third person issued both": (a_proposal("dora", "root"), admin("olga", "root")),
    "the person whom it concerns issued the confirmer's": (a_proposal(), admin("olga", "mallory")),
}


@pytest.mark.parametrize("what", ONE_HAND)
def test_one_person_does_not_propose_and_confirm(what: str) -> None:
    change, confirmer = ONE_HAND[what]
    assert refusal_of(lambda: change.confirm(confirmer, True, AT), Forbidden) == "token_issued_by_another"


def test_proposal_of_one_who_is_no_admin_any_more_is_not_confirmed() -> None:
    assert refusal_of(lambda: a_proposal().confirm(admin("olga"), False, AT), Conflict) == "proposer_left"


def test_withdrawn_proposal_is_not_confirmed() -> None:
    change = a_proposal()
    change.withdraw("dora", AT)
    assert refusal_of(lambda: change.confirm(admin("olga"), True, AT), Conflict) == "access_change_closed"


def test_roles_that_decide_are_governed_and_others_where_a_policy_names_them() -> None:
    asked = ["admin", "auditor", "developer", "model-owner", "pipeline", "reviewer"]
    assert governed_roles(asked, []) == ["admin", "model-owner", "reviewer"]
    assert governed_roles(asked, ["developer"]) == ["admin", "developer", "model-owner", "reviewer"]


def test_policy_makes_no_role_sign_that_one_admin_gives() -> None:
    """Otherwise one admin gives the role first, and makes it sign next."""
    refuse_ungoverned(["reviewer", "anything"])
    assert refusal_of(lambda: refuse_ungoverned(["reviewer", "developer"]), Conflict) == "role_not_governed"
