"""Delegations, and signatures in another person's place: given these events, when this command, then these events or this refusal."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from placet_approval.domain.absence import Absence
from placet_approval.domain.authority import Authority
from placet_approval.domain.delegation import Delegation
from placet_approval.domain.gate import decide
from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.sign_off_rules import Signer
from placet_shared.aggregates import event_classes, own_fields
from placet_shared.contracts.approval_delegations import DELEGATION_EVENTS
from placet_shared.errors import Conflict, Forbidden, Invalid
from placet_shared.model_selectors import SelectableModel

from .builders import (
    AT,
    BOB,
    CAROL,
    IN_OFFICE,
    QUESTION,
    WHY,
    a_claim,
    a_pending_sign_off,
    a_policy,
    event_types,
    facts,
    new_events,
    now,
    person,
)
from .test_sign_off_decisions import refused

TWO_REVIEWERS = a_policy(SignatureTerm(("reviewer",), 2))


def a_delegation(delegator: Signer = CAROL, delegate: str = "dave", ends: timedelta = timedelta(days=14), **scope: Any) -> Delegation:
    values: dict[str, Any] = {"roles": None, "environments": [], "models": [], "starts_at": None, **scope}
    return Delegation.grant("delegation-1", delegator, delegate, ends_at=AT + ends, reason=WHY, at=AT, **values)


def dave(of: str = "carol", *roles: str, delegation: str = "delegation-1", issuers: Sequence[str] = (), **own: Any) -> Signer:
    """Dave, who has no role, in the place of another person."""
    authority = Authority(of, frozenset(roles or ("risk-officer",)), delegation, frozenset(issuers))
    return Signer("dave", "person", frozenset(), acting_for=authority, **own)


THERE = {**IN_OFFICE, "dave": frozenset[str](), "delegation-1": frozenset({"risk-officer"})}


# Delegating


def test_delegation_says_who_what_and_how_long() -> None:
    delegation = a_delegation(environments=["prod"], models=["fraud-*", "fraud-*"])
    [(name, said)] = new_events(delegation)
    assert name == "DelegationGranted"
    assert said == {
        "delegation_id": "delegation-1", "delegator_id": "carol", "delegate_id": "dave", "roles": ["risk-officer"],
        "environments": ["prod"], "models": ["fraud-*"], "starts_at": "2026-11-23T14:00:00.000000Z",
        "ends_at": "2026-12-07T14:00:00.000000Z", "token_issuers": [], "reason": WHY,
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(DELEGATION_EVENTS))
def test_contract_has_the_fields_of_the_event_in_their_order(name: str) -> None:
    events = event_classes(Delegation, Absence)
    assert own_fields(events[name]) == list(DELEGATION_EVENTS[name].model_fields)
    assert {*events} == {*DELEGATION_EVENTS}


def test_only_own_roles_are_delegated() -> None:
    refused(Forbidden, "role_not_held", lambda: a_delegation(roles=["reviewer"]))
    refused(Forbidden, "role_not_held", lambda: a_delegation(person("olga")))


def test_delegated_role_is_not_passed_on() -> None:
    refused(Forbidden, "role_not_held", lambda: a_delegation(dave(), delegate="erin", roles=["risk-officer"]))


def test_delegation_to_oneself_is_refused() -> None:
    refused(Invalid, "delegate_is_oneself", lambda: a_delegation(delegate="carol"))


def test_service_account_delegates_nothing() -> None:
    refused(Forbidden, "people_only", lambda: a_delegation(person("ci", "risk-officer", kind="service_account")))


@pytest.mark.parametrize(
    ("starts", "ends", "code"),
    [
        (None, timedelta(0), "delegation_without_time"),
        (AT + timedelta(days=9), timedelta(days=9), "delegation_without_time"),
        (AT - timedelta(days=9), -timedelta(days=1), "delegation_without_time"),
        (None, timedelta(days=90, seconds=1), "delegation_too_long"),
        (AT + timedelta(days=10), timedelta(days=101), "delegation_too_long"),
    ],
)
def test_delegation_for_an_impossible_time_is_refused(starts: datetime | None, ends: timedelta, code: str) -> None:
    refused(Invalid, code, lambda: a_delegation(starts_at=starts, ends=ends))


def test_delegation_of_ninety_days_begins_now_when_its_start_has_passed() -> None:
    delegation = a_delegation(starts_at=AT - timedelta(days=1), ends=timedelta(days=90))
    assert delegation.in_force(AT)
    assert not delegation.in_force(AT + timedelta(days=90))


def test_delegation_that_begins_later_is_not_in_force_yet() -> None:
    delegation = a_delegation(starts_at=AT + timedelta(days=1))
    assert not delegation.in_force(AT)
    assert delegation.in_force(AT + timedelta(days=1))


def test_delegate_who_could_have_made_the_delegation_is_refused() -> None:
    carol = replace(CAROL, token_issuers=frozenset({"dora"}))
    refused(Forbidden, "token_issued_by_another", lambda: a_delegation(carol, delegate="dora"))


def test_scope_is_environments_and_models() -> None:
    fraud, churn = SelectableModel("m1", "fraud-cards"), SelectableModel("m2", "churn")
    narrow = a_delegation(environments=["prod"], models=["fraud-*", "m3"])
    assert narrow.covers("prod", fraud)
    assert not narrow.covers("test", fraud)
    assert not narrow.covers("prod", churn)
    assert narrow.covers("prod", SelectableModel("m3", "anything"))
    assert a_delegation().covers("test", churn)


@pytest.mark.parametrize("by", [CAROL, person("dave"), person("dora", "admin")])
def test_delegation_is_ended_by_its_people_or_an_admin(by: Signer) -> None:
    delegation = a_delegation()
    delegation.end(by, None, AT)
    delegation.end(by, None, AT)
    assert event_types(delegation) == ["DelegationGranted", "DelegationEnded"]
    assert not delegation.in_force(AT)


def test_delegation_of_others_is_not_ended() -> None:
    refused(Forbidden, "not_your_delegation", lambda: a_delegation().end(BOB, None, AT))


def test_delegation_gives_only_what_its_delegator_still_has() -> None:
    delegation = a_delegation(person("erin", "reviewer", "risk-officer"))
    assert delegation.roles_of(["reviewer", "admin"]) == ["reviewer"]


# Signing


def test_signature_in_another_place_says_for_whom_and_by_which_delegation() -> None:
    sign_off = a_pending_sign_off(None, BOB)
    sign_off.grant(dave(issuers=["dora"]), None, now(), WHY, AT)
    [(_, granted), (name, _)] = new_events(sign_off)
    assert (granted["person_id"], granted["role"], granted["on_behalf_of"]) == ("dave", "risk-officer", "carol")
    assert (granted["delegation_id"], granted["token_issuers"]) == ("delegation-1", ["dora"])
    assert name == "SignOffApproved"


@pytest.mark.parametrize("order", [("carol", "dave"), ("dave", "carol")])
def test_delegator_and_delegate_have_one_place(order: tuple[str, str]) -> None:
    """Carol signs and Dave signs for her, in either order."""
    both, circumstances = {"carol": CAROL, "dave": dave()}, now(a_policy(SignatureTerm(("risk-officer",), 2)), in_office=THERE)
    sign_off = a_pending_sign_off(circumstances, both[order[0]])
    refused(Conflict, "already_signed", lambda: sign_off.grant(both[order[1]], None, circumstances, WHY, AT))


def test_two_delegates_of_one_person_have_one_place() -> None:
    there = {**THERE, "frank": frozenset[str](), "delegation-2": frozenset({"risk-officer"})}
    policy = a_policy(SignatureTerm(("risk-officer",), 2))
    sign_off = a_pending_sign_off(now(policy, in_office=there), dave())
    frank = Signer("frank", "person", frozenset(), acting_for=Authority("carol", frozenset({"risk-officer"}), "delegation-2"))
    refused(Conflict, "already_signed", lambda: sign_off.grant(frank, None, now(policy, in_office=there), WHY, AT))


def test_delegate_signs_once_for_another_person_or_in_their_own_name() -> None:
    there = {**THERE, "dave": frozenset({"reviewer"})}
    for_carol = replace(dave(), roles=frozenset({"reviewer"}))
    in_own_name = replace(for_carol, acting_for=None)
    sign_off = a_pending_sign_off(now(in_office=there), for_carol)
    refused(Conflict, "already_signed", lambda: sign_off.grant(in_own_name, None, now(in_office=there), WHY, AT))


def test_person_who_delegates_in_turn_has_one_place() -> None:
    """Dave signs for Bob, and Erin for Dave, who has a role of his own."""
    there = {**IN_OFFICE, "dave": frozenset({"reviewer"}), "d1": frozenset({"reviewer"}), "d2": frozenset({"reviewer"})}
    circumstances = now(TWO_REVIEWERS, in_office=there)
    sign_off = a_pending_sign_off(circumstances, dave("bob", "reviewer", delegation="d1"))
    erin = Signer("erin", "person", frozenset(), acting_for=Authority("dave", frozenset({"reviewer"}), "d2"))
    refused(Conflict, "already_signed", lambda: sign_off.grant(erin, None, circumstances, WHY, AT))


def test_deputy_of_an_excluded_person_does_not_sign() -> None:
    """Issue 12: Carol prepared the data; that she lets another person sign changes nothing."""
    involved = now(claims=[a_claim("trainer"), a_claim("carol", "data_preparer")])
    refused(Forbidden, "separation_of_duties", lambda: a_pending_sign_off(involved).grant(dave(), None, involved, WHY, AT))


def test_deputy_of_the_requester_does_not_sign() -> None:
    sign_off = a_pending_sign_off()
    refused(Forbidden, "separation_of_duties", lambda: sign_off.grant(dave("alice", "reviewer"), None, now(), WHY, AT))


def test_excluded_person_does_not_sign_for_another() -> None:
    involved = now(claims=[a_claim("dave", "trainer")])
    refused(Forbidden, "separation_of_duties", lambda: a_pending_sign_off(involved).grant(dave(), None, involved, WHY, AT))


def test_requester_who_could_have_made_the_delegation_gets_no_signature_by_it() -> None:
    sign_off = a_pending_sign_off()
    refused(Forbidden, "token_issued_by_another", lambda: sign_off.grant(dave(issuers=["alice"]), None, now(), WHY, AT))


def test_delegate_who_could_have_made_the_delegation_does_not_sign_by_it() -> None:
    refused(Forbidden, "token_issued_by_another", lambda: a_pending_sign_off().grant(dave(issuers=["dave"]), None, now(), WHY, AT))


def test_delegator_who_issued_the_delegates_token_gets_no_signature_by_it() -> None:
    signer = dave(token_issuers=frozenset({"carol"}))
    refused(Forbidden, "token_issued_by_another", lambda: a_pending_sign_off().grant(signer, None, now(), WHY, AT))


def test_delegator_who_issued_the_token_of_another_signer_is_not_signed_for() -> None:
    bob = replace(BOB, token_issuers=frozenset({"carol"}))
    sign_off = a_pending_sign_off(now(in_office=THERE), bob)
    refused(Forbidden, "token_issued_by_another", lambda: sign_off.grant(dave(), None, now(in_office=THERE), WHY, AT))


def test_later_signer_whose_token_the_delegator_issued_is_refused() -> None:
    sign_off = a_pending_sign_off(now(in_office=THERE), dave())
    bob = replace(BOB, token_issuers=frozenset({"carol"}))
    refused(Forbidden, "token_issued_by_another", lambda: sign_off.grant(bob, None, now(in_office=THERE), WHY, AT))


def test_rejection_in_another_place_says_for_whom() -> None:
    sign_off = a_pending_sign_off()
    sign_off.reject(dave(), None, now(), WHY, AT)
    [(name, said)] = new_events(sign_off)
    assert (name, said["person_id"], said["role"], said["on_behalf_of"]) == ("SignOffRejected", "dave", "risk-officer", "carol")


def test_delegator_takes_back_what_was_signed_in_their_place() -> None:
    sign_off = a_pending_sign_off(now(in_office=THERE), dave())
    sign_off.revoke(CAROL, WHY, AT)
    assert new_events(sign_off)[0][1]["person_id"] == "dave"
    sign_off.grant(CAROL, None, now(in_office=THERE), WHY, AT)
    assert [approval.people for approval in sign_off.approvals] == [("carol",)]


# What counts until the approval


GONE: dict[str, Any] = {
    "the delegation was ended": {name: roles for name, roles in THERE.items() if name != "delegation-1"},
    "the delegator lost the role or left": {**THERE, "delegation-1": frozenset()},
    "the delegate left": {name: roles for name, roles in THERE.items() if name != "dave"},
}


@pytest.mark.parametrize("what", GONE)
def test_signature_by_a_delegation_that_does_not_stand_brings_no_approval(what: str) -> None:
    sign_off = a_pending_sign_off(now(in_office=THERE), dave())
    sign_off.grant(BOB, None, now(in_office=GONE[what]), WHY, AT)
    assert sign_off.state == "pending"
    answer = decide(QUESTION, facts(sign_off, in_office=GONE[what]), AT)
    assert answer.reasons[0].facts["have"] == 1
    assert decide(QUESTION, facts(sign_off, in_office=THERE), AT).reasons[0].facts["have"] == 2


def test_delegation_that_ran_out_after_it_was_used_still_counts() -> None:
    """It was in force when the signature was given (decision 0034); only an act takes it back."""
    delegation = a_delegation()
    assert not delegation.in_force(AT + timedelta(days=15))
    sign_off = a_pending_sign_off(now(in_office=THERE), dave())
    sign_off.grant(BOB, None, now(in_office=THERE), WHY, AT + timedelta(days=15))
    assert sign_off.state == "approved"


def test_delegation_that_ends_after_the_approval_ends_nothing() -> None:
    policy = a_policy(signers_must_stay=True)
    approved = a_pending_sign_off(now(policy, in_office=THERE), BOB, dave())
    without_delegation = GONE["the delegation was ended"]
    assert decide(QUESTION, facts(approved, policy=policy, in_office=without_delegation), AT).allowed


@pytest.mark.parametrize("left", ["carol", "dave"])
def test_signers_must_stay_looks_at_both_people(left: str) -> None:
    policy = a_policy(signers_must_stay=True)
    approved = a_pending_sign_off(now(policy, in_office=THERE), BOB, dave())
    there = {name: roles for name, roles in THERE.items() if name != left}
    answer = decide(QUESTION, facts(approved, policy=policy, in_office=there), AT)
    assert [reason.code for reason in answer.reasons] == ["signer_left"]


@pytest.mark.parametrize("involved", ["carol", "dave"])
def test_claim_about_either_person_suspends_the_approval(involved: str) -> None:
    approved = a_pending_sign_off(now(in_office=THERE), BOB, dave())
    later = facts(approved, in_office=THERE, claims=[a_claim("trainer"), a_claim(involved, by="mallory")])
    assert [reason.code for reason in decide(QUESTION, later, AT).reasons] == ["lineage_contested"]
