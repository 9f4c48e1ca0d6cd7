"""Sign-offs: given these events, when this command, then these events or this advice."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_binding import Circumstances
from placet_shared.errors import Conflict, Forbidden, Invalid, PlacetError

from .builders import (
    ARTIFACT,
    AT,
    BOB,
    CAROL,
    CLAIMS,
    DORA,
    RESULT,
    WHY,
    a_claim,
    a_no,
    a_pending_sign_off,
    a_policy,
    a_run,
    a_version,
    an_approved_sign_off,
    event_types,
    new_events,
    now,
    person,
)

ABOUT = {"sign_off_id": "sign-off-1", "model_id": "model-1", "version_id": "version-1", "environment": "prod"}
POLICY = a_policy().reference()
OWN_NAME = {"on_behalf_of": None, "delegation_id": None}
EVIDENCE = {
    "plan_id": "plan-1", "plan": "prod-checks", "version": 1, "sha256": "f" * 64, "run_id": "run-1", "result_sha256": RESULT,
}  # fmt: skip


def refused(kind: type[PlacetError], code: str, decide: Callable[[], object]) -> PlacetError:
    """The refusal, which says what happened and what would help."""
    with pytest.raises(kind) as caught:
        decide()
    assert caught.value.code == code
    assert caught.value.detail.endswith(".")
    assert caught.value.resolve
    return caught.value


# Requesting


def test_request_binds_bytes_evidence_policy_and_names_who_is_excluded() -> None:
    sign_off = SignOff.request("sign-off-1", "alice", now(), WHY, AT)
    assert new_events(sign_off) == [
        (
            "SignOffRequested",
            {
                **ABOUT,
                "artifact_sha256": ARTIFACT,
                "evidence": [EVIDENCE],
                "policy": POLICY,
                "signatures": [{"any_of": ["reviewer"], "count": 1}, {"any_of": ["risk-officer"], "count": 1}],
                "requester_id": "alice",
                "token_issuers": [],
                "excluded": [
                    {"person_id": "alice", "because": ["requester"]},
                    {"person_id": "registrar", "because": ["registrar"]},
                    {"person_id": "trainer", "because": ["trainer"]},
                    {"person_id": "preparer", "because": ["data_preparer"]},
                ],
                "excluded_in_all": 4,
                "earlier_noes": [],
                "noes_answered": 0,
                "rationale": WHY,
                "feedback": [],
                "in_sequence": False,
                "deadlines": None,
                "carried_issues": [],
                "findings": [],
            },
        )
    ]


def test_request_without_evidence_is_refused_when_the_policy_asks_for_it() -> None:
    refused(Conflict, "verification_missing", lambda: SignOff.request("s", "alice", now(verified=False), WHY, AT))


def test_request_after_a_failed_verification_is_refused() -> None:
    refused(Conflict, "verification_failed", lambda: SignOff.request("s", "alice", now(run=a_run(passed=False)), WHY, AT))


def test_request_on_old_evidence_is_refused_and_says_how_old_it_may_be() -> None:
    old = now(run=a_run(age=timedelta(days=31)))
    error = refused(Conflict, "verification_stale", lambda: SignOff.request("s", "alice", old, WHY, AT))
    assert "31 days" in error.detail
    assert "30 days" in error.detail


def test_request_without_evidence_is_fine_when_the_policy_asks_for_none() -> None:
    sign_off = SignOff.request("s", "alice", now(a_policy(max_age=None), verified=False), WHY, AT)
    assert sign_off.binding.evidence == ()


def test_request_without_a_rationale_is_refused_when_the_policy_wants_one() -> None:
    refused(Invalid, "rationale_required", lambda: SignOff.request("s", "alice", now(), None, AT))
    assert SignOff.request("s", "alice", now(a_policy(rationale_required=False)), None, AT).state == "pending"


# Signing


def test_first_signature_leaves_it_pending() -> None:
    sign_off = a_pending_sign_off()
    sign_off.grant(BOB, None, now(), WHY, AT)
    assert new_events(sign_off) == [
        ("ApprovalGranted", {**ABOUT, "person_id": "bob", "role": "reviewer", "token_issuers": [], **OWN_NAME, "rationale": WHY})
    ]
    assert sign_off.state == "pending"


def test_last_signature_approves_and_says_until_when() -> None:
    sign_off = a_pending_sign_off(None, BOB)
    sign_off.grant(CAROL, "risk-officer", now(), WHY, AT)
    granted, approved = new_events(sign_off)
    assert granted[0] == "ApprovalGranted"
    assert approved == (
        "SignOffApproved",
        {
            **ABOUT,
            "artifact_sha256": ARTIFACT,
            "evidence": [EVIDENCE],
            "policy": POLICY,
            "approvals": [{"person_id": "bob", "role": "reviewer"}, {"person_id": "carol", "role": "risk-officer"}],
            "earlier_noes": [],
            "expires_at": "2027-02-21T14:00:00.000000Z",
            "longest_until": "2027-02-21T14:00:00.000000Z",
            "review_at": None,
            "conditions": [],
            "waived_issues": [],
        },
    )


def test_same_person_twice_is_refused_and_hears_who_is_missing() -> None:
    both = person("bob", "reviewer", "risk-officer")
    sign_off = a_pending_sign_off()
    sign_off.grant(both, "reviewer", now(), WHY, AT)
    error = refused(Conflict, "already_signed", lambda: sign_off.grant(both, "risk-officer", now(), WHY, AT))
    assert "1 × risk-officer" in str(error.resolve)


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("alice", "requested this sign-off"),
        ("registrar", "registered a version with these bytes"),
        ("trainer", "trained the model"),
        ("preparer", "prepared its data"),
    ],
)
def test_person_who_had_a_part_in_it_is_refused_with_the_reason(who: str, words: str) -> None:
    involved = person(who, "reviewer", "risk-officer")
    error = refused(Forbidden, "separation_of_duties", lambda: a_pending_sign_off().grant(involved, "reviewer", now(), WHY, AT))
    assert words in error.detail


def test_policy_may_let_the_trainer_sign_but_never_the_requester() -> None:
    lenient = now(a_policy(excludes=()))
    sign_off = a_pending_sign_off(lenient)
    sign_off.grant(person("trainer", "reviewer"), None, lenient, WHY, AT)
    assert event_types(sign_off) == ["ApprovalGranted"]
    refused(Forbidden, "separation_of_duties", lambda: sign_off.grant(person("alice", "risk-officer"), None, lenient, WHY, AT))


def test_service_account_never_signs() -> None:
    robot = person("ci", "reviewer", kind="service_account")
    refused(Forbidden, "people_only", lambda: a_pending_sign_off().grant(robot, None, now(), WHY, AT))
    refused(Forbidden, "people_only", lambda: a_pending_sign_off().reject(robot, None, now(), WHY, AT))
    refused(Forbidden, "people_only", lambda: an_approved_sign_off().revoke(robot, WHY, AT))


def test_wrong_role_is_refused_and_hears_which_is_needed() -> None:
    error = refused(Forbidden, "role_not_held", lambda: a_pending_sign_off().grant(DORA, None, now(), WHY, AT))
    assert error.detail == "You are admin; the policy asks for reviewer or risk-officer."


def test_role_that_one_does_not_have_is_refused() -> None:
    refused(Forbidden, "role_not_held", lambda: a_pending_sign_off().grant(BOB, "risk-officer", now(), WHY, AT))


def test_role_that_the_policy_does_not_name_is_refused() -> None:
    refused(Invalid, "role_not_asked_for", lambda: a_pending_sign_off().grant(DORA, "admin", now(), WHY, AT))


def test_role_whose_signatures_are_complete_is_refused() -> None:
    sign_off = a_pending_sign_off(None, BOB)
    error = refused(Conflict, "role_complete", lambda: sign_off.grant(person("bert", "reviewer"), None, now(), WHY, AT))
    assert error.resolve == "Still missing: 1 × risk-officer."


def test_person_with_two_needed_roles_must_say_which() -> None:
    both = person("eve", "reviewer", "risk-officer")
    sign_off = a_pending_sign_off()
    refused(Invalid, "role_ambiguous", lambda: sign_off.grant(both, None, now(), WHY, AT))
    sign_off.grant(both, "risk-officer", now(), WHY, AT)
    assert sign_off.approvals[0].role == "risk-officer"


def test_person_with_two_roles_of_one_term_needs_to_say_nothing() -> None:
    either = now(a_policy(SignatureTerm(("reviewer", "risk-officer"), 2)))
    sign_off = a_pending_sign_off(either)
    sign_off.grant(person("eve", "reviewer", "risk-officer"), None, either, WHY, AT)
    assert event_types(sign_off) == ["ApprovalGranted"]


def test_signature_without_a_rationale_is_refused_when_the_policy_wants_one() -> None:
    refused(Invalid, "rationale_required", lambda: a_pending_sign_off().grant(BOB, None, now(), None, AT))


@pytest.mark.parametrize(
    ("later", "code"),
    [
        (now(noes=[a_no(1)]), "same_bytes_rejected"),
        (now(claims=[]), "lineage_missing"),
        (now(a_policy(version=2)), "policy_changed"),
        (now(run=a_run(result="d" * 64, run_id="run-2")), "invalidated"),
        (now(version=a_version(artifact="e" * 64)), "artifact_changed"),
        (now(run=a_run(passed=False)), "verification_failed"),
        (now(run=a_run(age=timedelta(days=40))), "verification_stale"),
    ],
)
def test_signature_on_what_is_no_longer_so_is_refused(later: Circumstances, code: str) -> None:
    refused(Conflict, code, lambda: a_pending_sign_off().grant(BOB, None, later, WHY, AT))


def test_signature_on_a_closed_sign_off_is_refused() -> None:
    error = refused(Conflict, "sign_off_closed", lambda: an_approved_sign_off().grant(person("x", "reviewer"), None, now(), WHY, AT))
    assert error.facts == {"state": "approved"}


# Rejecting, withdrawing, revoking, commenting


def test_rejection_by_one_uninvolved_person_ends_it() -> None:
    sign_off = a_pending_sign_off(None, BOB)
    sign_off.reject(CAROL, None, now(), WHY, AT)
    said = {**ABOUT, "person_id": "carol", "role": "risk-officer", "scope": "bytes", **OWN_NAME, "rationale": WHY}
    assert new_events(sign_off) == [("SignOffRejected", said)]
    refused(Conflict, "sign_off_closed", lambda: sign_off.grant(CAROL, None, now(), WHY, AT))


def test_rejection_is_open_to_a_person_who_signed_before() -> None:
    sign_off = a_pending_sign_off(None, BOB)
    sign_off.reject(BOB, None, now(), WHY, AT)
    assert sign_off.state == "rejected"


def test_rejection_by_the_requester_or_with_the_wrong_role_or_without_a_reason_is_refused() -> None:
    refused(Forbidden, "separation_of_duties", lambda: a_pending_sign_off().reject(person("alice", "reviewer"), None, now(), WHY, AT))
    refused(Forbidden, "role_not_held", lambda: a_pending_sign_off().reject(DORA, None, now(), WHY, AT))
    refused(Invalid, "rationale_required", lambda: a_pending_sign_off().reject(BOB, None, now(), None, AT))


def test_withdrawal_by_the_requester_or_an_admin() -> None:
    for who in (person("alice", "developer"), DORA):
        sign_off = a_pending_sign_off()
        sign_off.withdraw(who, None, AT)
        assert new_events(sign_off) == [("SignOffWithdrawn", {**ABOUT, "withdrawn_by": who.id, "rationale": None})]


def test_withdrawal_by_another_person_is_refused() -> None:
    refused(Forbidden, "not_requester", lambda: a_pending_sign_off().withdraw(BOB, None, AT))


def test_own_signature_can_be_taken_back_while_pending_and_given_again() -> None:
    sign_off = a_pending_sign_off(None, BOB)
    sign_off.revoke(BOB, WHY, AT)
    assert event_types(sign_off) == ["ApprovalRevoked"]
    assert sign_off.approvals == ()
    sign_off.grant(BOB, None, now(), WHY, AT)
    assert event_types(sign_off) == ["ApprovalGranted"]


def test_approved_sign_off_is_revoked_by_a_possible_signer_or_an_admin() -> None:
    for who in (BOB, person("fay", "risk-officer"), DORA):
        sign_off = an_approved_sign_off()
        sign_off.revoke(who, WHY, AT)
        assert new_events(sign_off) == [("SignOffRevoked", {**ABOUT, "person_id": who.id, "rationale": WHY})]


def test_revocation_by_a_person_without_a_part_in_it_is_refused() -> None:
    refused(Forbidden, "role_not_held", lambda: an_approved_sign_off().revoke(person("alice", "developer"), WHY, AT))
    refused(Conflict, "nothing_to_revoke", lambda: a_pending_sign_off().revoke(BOB, WHY, AT))
    refused(Invalid, "rationale_required", lambda: an_approved_sign_off().revoke(BOB, None, AT))


def test_comment_decides_nothing_and_is_possible_at_any_time() -> None:
    for sign_off in (a_pending_sign_off(), an_approved_sign_off()):
        state = sign_off.state
        sign_off.comment("alice", WHY, AT)
        assert new_events(sign_off) == [("CommentAdded", {**ABOUT, "author_id": "alice", "comment": WHY})]
        assert sign_off.state == state


# Invalidation


def test_new_policy_invalidates_and_says_what_changed_from_what_to_what() -> None:
    later = a_policy(version=2)
    for sign_off in (a_pending_sign_off(), an_approved_sign_off()):
        sign_off.invalidate(now(later), AT)
        assert new_events(sign_off) == [("SignOffInvalidated", {**ABOUT, "field": "policy", "old": POLICY, "new": later.reference()})]


def test_new_result_invalidates() -> None:
    sign_off = an_approved_sign_off()
    sign_off.invalidate(now(runs=[a_run(), a_run(result="d" * 64, run_id="run-2")]), AT)
    new = {**EVIDENCE, "run_id": "run-2", "result_sha256": "d" * 64}
    assert new_events(sign_off) == [("SignOffInvalidated", {**ABOUT, "field": "evidence", "old": EVIDENCE, "new": new})]


def test_new_run_with_the_same_result_renews_the_evidence() -> None:
    sign_off = an_approved_sign_off()
    assert sign_off.invalidate(now(runs=[a_run(), a_run(run_id="run-2")]), AT) is None
    assert event_types(sign_off) == []


def test_first_result_does_not_invalidate_where_none_was_bound() -> None:
    unverified = a_policy(max_age=None)
    sign_off = a_pending_sign_off(now(unverified, verified=False))
    assert sign_off.invalidate(now(unverified), AT) is None


def test_late_lineage_that_names_another_person_excludes_from_signing() -> None:
    named = now(claims=[*CLAIMS, a_claim("carol")])
    sign_off = a_pending_sign_off(None, BOB)
    assert sign_off.invalidate(named, AT) is None
    refused(Forbidden, "separation_of_duties", lambda: sign_off.grant(CAROL, None, named, WHY, AT))


def test_what_is_over_is_not_invalidated_again() -> None:
    sign_off = an_approved_sign_off()
    sign_off.invalidate(now(a_policy(version=2)), AT)
    sign_off.collect_events()
    assert sign_off.invalidate(now(a_policy(version=3)), AT) is None
