"""Reassignments: given these events, when the policy's owner lets a person sign for an absent one, then these events or this refusal."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from placet_approval.domain.absence import Absence, require_own_or_admin
from placet_approval.domain.authority import Authority
from placet_approval.domain.reassignment import Absentee, Reassignment
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_rules import Signer
from placet_shared.errors import Conflict, Forbidden, Invalid, PlacetError

from .builders import AT, BOB, CAROL, IN_OFFICE, WHY, a_claim, a_pending_sign_off, a_policy, event_types, new_events, now, person
from .test_sign_off_decisions import refused

OWNED = a_policy(owner="model-owner")
OLGA = person("olga", "model-owner")
CAROL_AWAY = Absentee(frozenset({"risk-officer"}), "carol")
TO_DAVE = Reassignment("carol", "dave", "risk-officer", "olga")
THERE = {**IN_OFFICE, "dave": frozenset[str]()}


def owned(**changes: Any) -> Circumstances:
    return now(OWNED, **{"in_office": THERE, **changes})


def reassigned(circumstances: Circumstances | None = None, *signers: Signer) -> SignOff:
    """Dave may sign in carol's place."""
    circumstances = circumstances or owned()
    sign_off = a_pending_sign_off(circumstances, *signers)
    sign_off.reassign(OLGA, TO_DAVE, CAROL_AWAY, circumstances, WHY, AT)
    sign_off.collect_events()
    return sign_off


def dave() -> Signer:
    return Signer("dave", "person", frozenset(), acting_for=Authority("carol", frozenset({"risk-officer"})))


def test_owner_lets_a_person_sign_in_an_absent_ones_place() -> None:
    sign_off = a_pending_sign_off(owned())
    for _ in range(2):
        sign_off.reassign(OLGA, TO_DAVE, CAROL_AWAY, owned(), WHY, AT)
    [(name, said)] = new_events(sign_off)
    assert name == "SignOffReassigned"
    assert (said["absent_id"], said["person_id"], said["role"]) == ("carol", "dave", "risk-officer")
    assert (said["reassigned_by"], said["token_issuers"], said["reason"]) == ("olga", [], WHY)


def test_reassigned_signature_completes_the_quorum_and_names_both() -> None:
    sign_off = reassigned(None, BOB)
    sign_off.grant(dave(), None, owned(), WHY, AT)
    [(_, granted), (approved, _)] = new_events(sign_off)
    assert (granted["person_id"], granted["on_behalf_of"], granted["delegation_id"]) == ("dave", "carol", None)
    assert approved == "SignOffApproved"


@pytest.mark.parametrize("left", ["carol", "dave"])
def test_reassigned_signature_counts_only_while_both_people_could_give_it(left: str) -> None:
    sign_off = reassigned()
    sign_off.grant(dave(), None, owned(), WHY, AT)
    there: Mapping[str, frozenset[str]] = {name: roles for name, roles in THERE.items() if name != left}
    sign_off.grant(BOB, None, owned(in_office=there), WHY, AT)
    assert sign_off.state == "pending"


REFUSED: dict[str, tuple[type[PlacetError], str, dict[str, Any]]] = {
    "no owner in the policy": (Conflict, "no_policy_owner", {"circumstances": now(in_office=THERE)}),
    "not the owner": (Forbidden, "role_required", {"owner": BOB}),
    "a service account": (Forbidden, "people_only", {"owner": replace(OLGA, kind="service_account")}),
    "not absent": (Conflict, "not_absent", {"absentee": replace(CAROL_AWAY, stated_by=None)}),
    "absent, as only the owner says": (Conflict, "not_absent", {"absentee": replace(CAROL_AWAY, stated_by="olga")}),
    "in a role that is not asked for": (Invalid, "role_not_asked_for", {"given": replace(TO_DAVE, role="auditor")}),
    "in a role that the absent one lacks": (Invalid, "role_not_asked_for", {"given": replace(TO_DAVE, role="reviewer")}),
    "to the owner": (Forbidden, "reassigned_to_oneself", {"given": replace(TO_DAVE, person_id="olga")}),
    "to the absent one": (Forbidden, "reassigned_to_oneself", {"given": replace(TO_DAVE, person_id="carol")}),
    "for the owner": (Forbidden, "reassigned_to_oneself", {"given": replace(TO_DAVE, absent_id="olga")}),
    "to the requester": (Forbidden, "separation_of_duties", {"given": replace(TO_DAVE, person_id="alice")}),
    "by the requester": (
        Forbidden,
        "separation_of_duties",
        {"owner": person("alice", "model-owner"), "given": replace(TO_DAVE, reassigned_by="alice")},
    ),
    "for one who prepared the data": (
        Forbidden,
        "separation_of_duties",
        {"circumstances": owned(claims=[a_claim("trainer"), a_claim("carol", "data_preparer")])},
    ),
    "with a token of the new signer": (Forbidden, "token_issued_by_another", {"owner": replace(OLGA, token_issuers=frozenset({"dave"}))}),
    "with a token of the requester": (Forbidden, "token_issued_by_another", {"owner": replace(OLGA, token_issuers=frozenset({"alice"}))}),
}


@pytest.mark.parametrize("what", REFUSED)
def test_reassignment_is_refused(what: str) -> None:
    kind, code, changes = REFUSED[what]
    values = {"owner": OLGA, "given": TO_DAVE, "absentee": CAROL_AWAY, "circumstances": owned(), **changes}
    sign_off = a_pending_sign_off(values["circumstances"])

    def reassign() -> None:
        sign_off.reassign(values["owner"], values["given"], values["absentee"], values["circumstances"], WHY, AT)

    refused(kind, code, reassign)


def test_owner_who_has_signed_does_not_reassign() -> None:
    bob = person("bob", "reviewer", "model-owner")
    sign_off = a_pending_sign_off(owned(), bob)
    given = replace(TO_DAVE, reassigned_by="bob")
    refused(Conflict, "already_signed", lambda: sign_off.reassign(bob, given, CAROL_AWAY, owned(), WHY, AT))


def test_absent_person_who_has_signed_is_not_reassigned() -> None:
    sign_off = a_pending_sign_off(owned(), CAROL)
    refused(Conflict, "already_signed", lambda: sign_off.reassign(OLGA, TO_DAVE, CAROL_AWAY, owned(), WHY, AT))


def test_who_reassigned_does_not_sign() -> None:
    olga = person("olga", "model-owner", "reviewer")
    refused(Forbidden, "reassigned_by_oneself", lambda: reassigned().grant(olga, None, owned(), WHY, AT))
    for_olga = Signer("frank", "person", frozenset(), acting_for=Authority("olga", frozenset({"reviewer"}), "d1"))
    refused(Forbidden, "reassigned_by_oneself", lambda: reassigned().grant(for_olga, None, owned(), WHY, AT))


def test_owner_who_turns_out_to_have_a_part_has_given_nothing() -> None:
    claimed = owned(claims=[a_claim("trainer"), a_claim("olga", "data_preparer")])
    refused(Forbidden, "separation_of_duties", lambda: reassigned().grant(dave(), None, claimed, WHY, AT))


def test_person_whose_token_the_owner_issued_does_not_sign() -> None:
    """Olga could have signed with it."""
    signer = replace(dave(), token_issuers=frozenset({"olga"}))
    refused(Forbidden, "token_issued_by_another", lambda: reassigned().grant(signer, None, owned(), WHY, AT))
    bob = replace(BOB, token_issuers=frozenset({"olga"}))
    refused(Forbidden, "token_issued_by_another", lambda: reassigned().grant(bob, None, owned(), WHY, AT))


def test_absent_person_who_signs_after_all_and_the_other_have_one_place() -> None:
    policy = owned()
    sign_off = reassigned(policy)
    sign_off.grant(CAROL, None, policy, WHY, AT)
    refused(Conflict, "already_signed", lambda: sign_off.grant(dave(), None, policy, WHY, AT))


# Absences


def test_absence_lasts_from_its_start_to_its_end_or_until_it_is_cleared() -> None:
    absence = Absence.state(None, "carol", AT + timedelta(days=1), AT + timedelta(days=3), "carol", AT)
    assert [absence.in_force(AT + timedelta(days=day)) for day in range(4)] == [False, True, True, False]
    Absence.state(absence, "carol", None, None, "dora", AT)
    assert absence.in_force(AT + timedelta(days=1000))
    for _ in range(2):
        absence.clear("carol", AT)
    assert not absence.in_force(AT)
    assert event_types(absence) == ["AbsenceStated", "AbsenceStated", "AbsenceCleared"]


def test_absence_that_ends_before_it_begins_is_refused() -> None:
    refused(Invalid, "absence_without_time", lambda: Absence.state(None, "carol", None, AT, "carol", AT))


def test_absence_of_others_is_for_admins() -> None:
    refused(Forbidden, "absence_of_others", lambda: require_own_or_admin("bob", frozenset({"reviewer"}), "carol"))
    require_own_or_admin("carol", frozenset(), "carol")
    require_own_or_admin("dora", frozenset({"admin"}), "carol")
