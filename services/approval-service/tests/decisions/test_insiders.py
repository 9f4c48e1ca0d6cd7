"""Tricks of people who belong here: one hand in two places, a quorum made smaller, a no that is shed, a process that is held up."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from placet_approval.domain.process_terms import FeedbackTerm
from placet_approval.domain.quorum_while_absent import Signers, absence_obstacle
from placet_approval.domain.reachable_quorum import SignerGroup
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_rules import Signer
from placet_shared.errors import Conflict, Forbidden

from .builders import AT, BOB, CAROL, DAY, SAM, WHY, now, person, with_process
from .test_rounds import asked
from .test_sign_off_decisions import refused

BORROWED = "token_issued_by_another"


def with_token_of(issuer: str, name: str, *roles: str) -> Signer:
    return replace(person(name, *roles), token_issuers=frozenset({issuer}))


def answers(sign_off: SignOff, who: Signer, circumstances: Circumstances, verdict: str = "approve", issue: str = "issue-1") -> None:
    comment = None if verdict == "approve" else WHY
    sign_off.give_feedback(who, "operations", verdict, circumstances, comment, AT, issue_id=issue)  # type: ignore[arg-type]


def test_one_person_does_not_answer_as_two() -> None:
    """The group is asked for two, and one of them makes a token for the other."""
    circumstances = now(with_process(feedback=(FeedbackTerm("operations", ("sre",), 2),)))
    sign_off, _ = asked(circumstances)
    answers(sign_off, SAM, circumstances)
    refused(Forbidden, BORROWED, lambda: answers(sign_off, with_token_of("sam", "tim", "sre"), circumstances))
    answers(sign_off, SAM, circumstances)
    answers(sign_off, with_token_of("root", "tim", "sre"), circumstances)
    assert len(sign_off.feedback) == 2


def test_signer_does_not_answer_for_the_group_as_another_person() -> None:
    circumstances = now(with_process())
    sign_off, _ = asked(circumstances)
    answers(sign_off, with_token_of("bob", "tim", "sre"), circumstances)
    circumstances = replace(circumstances, in_office={**circumstances.in_office, "tim": frozenset({"sre"})})
    refused(Forbidden, BORROWED, lambda: sign_off.grant(BOB, None, circumstances, WHY, AT))
    sign_off.grant(CAROL, None, circumstances, WHY, AT)
    assert [one.person_id for one in sign_off.approvals] == ["carol"]


def test_signer_does_not_waive_as_another_person() -> None:
    """Two roles by two accounts, in either order."""
    circumstances = now(with_process())
    sign_off, _ = asked(circumstances)
    answers(sign_off, SAM, circumstances, "major_issue")
    until = AT + timedelta(days=5)
    assert circumstances.policy.terms.process.waivers
    role = circumstances.policy.terms.process.waivers.any_of[0]
    sign_off.waive_issue(with_token_of("bob", "rita", role), "issue-1", until, circumstances, WHY, AT)
    refused(Forbidden, BORROWED, lambda: sign_off.grant(BOB, None, circumstances, WHY, AT))
    other, _ = asked(circumstances)
    answers(other, SAM, circumstances)
    other.grant(BOB, None, circumstances, WHY, AT)
    answers(other, SAM, circumstances, "major_issue")
    again = partial(other.waive_issue, with_token_of("bob", "rita", role), "issue-1", until, circumstances, WHY, AT)
    refused(Forbidden, BORROWED, again)


def test_member_of_a_group_does_not_fill_the_list_of_issues() -> None:
    """Requests have room for fifty: one person could block the bytes for ever."""
    circumstances = now(with_process())
    sign_off, _ = asked(circumstances)
    for number in range(10):
        answers(sign_off, SAM, circumstances, "major_issue", f"issue-{number}")
    refused(Conflict, "too_many_issues", lambda: answers(sign_off, SAM, circumstances, "minor_issue", "issue-10"))
    answers(sign_off, SAM, circumstances)
    sign_off.resolve_issue(SAM, "issue-0", circumstances, WHY, AT)
    answers(sign_off, SAM, circumstances, "major_issue", "issue-10")
    assert len(sign_off.issues) == 11


def test_issues_on_other_versions_of_the_bytes_count_too() -> None:
    carried = [{"issue_id": f"old-{n}", "group": "operations", "raised_by": "sam", "sign_off_id": "other"} for n in range(10)]
    sign_off, circumstances = asked()
    elsewhere = replace(circumstances, carried_issues=carried)
    refused(Conflict, "too_many_issues", lambda: answers(sign_off, SAM, elsewhere, "major_issue"))
    answers(sign_off, person("tim", "sre"), elsewhere, "major_issue")
    full = [{**carried[0], "issue_id": f"old-{n}", "raised_by": f"p{n}"} for n in range(40)]
    refused(Conflict, "too_many_issues", lambda: answers(sign_off, SAM, replace(circumstances, carried_issues=full), "major_issue"))


def test_person_who_made_the_token_of_the_requesting_account_does_not_sign() -> None:
    """A service account asks for what its maker signs."""
    circumstances = now()
    sign_off = SignOff.request("sign-off-1", "account-1", circumstances, WHY, AT, token_issuers=["bob"])
    refused(Forbidden, BORROWED, lambda: sign_off.grant(BOB, None, circumstances, WHY, AT))
    sign_off.grant(CAROL, None, circumstances, WHY, AT)
    assert len(sign_off.approvals) == 1


def test_absence_makes_no_quorum_smaller() -> None:
    """It is said that the quorum is out of reach, and the sign-off asks for as many as before."""
    terms = now().policy.terms.signatures
    everyone = [SignerGroup(frozenset({"reviewer"}), 1), SignerGroup(frozenset({"risk-officer"}), 1)]
    found = absence_obstacle(terms, Signers(everyone, everyone[:1]))
    assert found is not None
    assert found.code == "signers_absent"
    circumstances = now()
    sign_off = SignOff.request("sign-off-1", "alice", circumstances, WHY, AT)
    sign_off.grant(BOB, None, circumstances, WHY, AT)
    assert sign_off.state == "pending"
    assert sum(term.count for term in sign_off.known.progress({}).missing) >= 1


def test_trainer_who_owns_a_condition_does_not_say_that_it_was_met() -> None:
    """Neither the owner, nor another with a token that the owner made."""
    circumstances = now(with_process())
    sign_off, _ = asked(circumstances)
    answers(sign_off, SAM, circumstances)
    sign_off.grant(BOB, None, circumstances, WHY, AT, [("c1", "trainer", AT + DAY, WHY)])
    for who in (person("trainer", "reviewer"), with_token_of("trainer", "erik", "reviewer")):
        with pytest.raises(Forbidden):
            sign_off.meet_condition(who, "c1", circumstances, WHY, AT)
    sign_off.meet_condition(BOB, "c1", circumstances, WHY, AT)
    assert sign_off.conditions["c1"].met
