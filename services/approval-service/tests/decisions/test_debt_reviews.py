"""Reviewing a break-glass afterwards: by people who had no part in it, as many as the policy asked for when it was opened."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from placet_approval.domain.debt_ledger import DebtLedger, Reviewing
from placet_approval.domain.sign_off_rules import Signer
from placet_shared.errors import Refusal

from .builders import ALICE_ON_CALL, AT, BOB, CAROL, IN_OFFICE, WHY, a_broken_glass, event_types, person

PARTS: Mapping[str, Sequence[str]] = {"alice": ("opener",), "trainer": ("trainer",)}
AROUND = Reviewing(True, PARTS, IN_OFFICE)


def a_debt(opener: Signer = ALICE_ON_CALL) -> DebtLedger:
    """Of one reviewer and one risk officer."""
    _, ledger = a_broken_glass(opener)
    ledger.collect_events()
    return ledger


def reviewed(ledger: DebtLedger, *signers: Signer, around: Reviewing = AROUND) -> DebtLedger:
    for signer in signers:
        ledger.review("debt-1", signer, None, around, WHY, AT)
    return ledger


def refusal(ledger: DebtLedger, signer: Signer, around: Reviewing = AROUND) -> str:
    with pytest.raises(Refusal) as refused:
        reviewed(ledger, signer, around=around)
    assert refused.value.resolve
    return str(refused.value.code)


def test_debt_is_settled_by_all_whom_the_policy_asked_for() -> None:
    ledger = reviewed(a_debt(), BOB)
    assert ledger.open_debts
    reviewed(ledger, CAROL)
    assert not ledger.open_debts
    assert event_types(ledger) == ["DebtReviewed", "DebtReviewed", "DebtSettled"]
    assert refusal(ledger, person("erin", "reviewer")) == "debt_settled"


def test_opener_and_people_with_a_part_in_the_bytes_do_not_review() -> None:
    for insider in ("alice", "trainer"):
        assert refusal(a_debt(), person(insider, "reviewer")) == "separation_of_duties"


def test_review_of_what_is_still_let_in_is_refused() -> None:
    assert refusal(a_debt(), BOB, replace(AROUND, glass_is_over=False)) == "break_glass_open"


def test_service_account_does_not_review() -> None:
    assert refusal(a_debt(), person("ci", "reviewer", kind="service_account")) == "people_only"


def test_one_person_reviews_once() -> None:
    assert refusal(reviewed(a_debt(), BOB), BOB) == "already_signed"


def test_role_that_was_not_asked_for_does_not_review() -> None:
    assert refusal(a_debt(), person("dora", "admin")) == "role_not_held"
    assert refusal(reviewed(a_debt(), BOB), person("erin", "reviewer")) == "role_complete"


def test_token_that_the_opener_issued_does_not_review() -> None:
    by_alice = replace(BOB, token_issuers=frozenset({"alice"}))
    assert refusal(a_debt(), by_alice) == "token_issued_by_another"


def test_person_who_issued_the_token_that_opened_does_not_review() -> None:
    """Opening with a colleague's token: an admin who issued it could have opened, and reviews nothing of it."""
    assert refusal(a_debt(replace(ALICE_ON_CALL, token_issuers=frozenset({"bob"}))), BOB) == "token_issued_by_another"


def test_two_accounts_of_one_person_are_one_reviewer() -> None:
    """Bob has issued the token of a second account that he added; whichever signs first, the other does not."""
    second = replace(CAROL, token_issuers=frozenset({"bob"}))
    assert refusal(reviewed(a_debt(), BOB), second) == "token_issued_by_another"
    assert refusal(reviewed(a_debt(), second), BOB) == "token_issued_by_another"


def test_reviewer_who_left_or_turned_out_to_have_a_part_does_not_count() -> None:
    for around in (replace(AROUND, in_office={}), replace(AROUND, parts={**PARTS, "bob": ("trainer",)})):
        ledger = reviewed(a_debt(), BOB)
        reviewed(ledger, CAROL, around=around)
        assert ledger.open_debts
        reviewed(ledger, person("erin", "reviewer"), around=replace(around, in_office={"carol": CAROL.roles}))
        assert not ledger.open_debts


def test_debt_is_settled_when_a_reviewer_who_had_left_is_back() -> None:
    ledger = reviewed(a_debt(), BOB)
    reviewed(ledger, CAROL, around=replace(AROUND, in_office={}))
    assert ledger.open_debts
    with pytest.raises(Refusal):
        reviewed(ledger, ALICE_ON_CALL)
    reviewed(ledger, BOB)
    assert event_types(ledger) == ["DebtReviewed", "DebtReviewed", "DebtSettled"]


def test_debt_of_another_break_glass_is_another_debt() -> None:
    ledger = a_debt()
    more = {"debt_id": "debt-2", "glass_id": "glass-2", "version_id": "version-2", "artifact_sha256": "b" * 64}
    who = {"person_id": "alice", "token_issuers": [], "incident": "INC-2", "signatures": [{"any_of": ["reviewer"], "count": 1}]}
    DebtLedger.incur(ledger, AT + timedelta(days=1), model_id="model-1", environment="prod", **more, **who)
    reviewed(ledger, BOB, CAROL)
    assert [debt.debt_id for debt in ledger.open_debts] == ["debt-2"]
