"""The gate: given these facts, then this verdict and exactly these reasons, each with what would resolve it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from placet_approval.domain.gate import GateDecision, decide
from placet_approval.domain.gate_facts import GateFacts, GateQuestion
from placet_approval.domain.gate_reasons import SOURCE_OBSTACLES, SourceObstacle, source_reason
from placet_approval.domain.policy_terms import Mode
from placet_approval.domain.sign_off import SignOff

from .builders import (
    ARTIFACT,
    AT,
    BOB,
    CAROL,
    CLAIMS,
    QUESTION,
    WHY,
    a_claim,
    a_pending_sign_off,
    a_policy,
    a_run,
    a_version,
    an_approved_sign_off,
    facts,
    now,
    person,
    with_policy,
)

PROD = "prod"


def answer(given: GateFacts, question: GateQuestion = QUESTION, after: timedelta = timedelta()) -> GateDecision:
    return decide(question, given, AT + after)


def codes(decision: GateDecision) -> list[str]:
    """The reasons' codes; each reason is a sentence with advice."""
    assert all(reason.detail.endswith(".") and reason.resolve for reason in decision.reasons)
    return [reason.code for reason in decision.reasons]


def denied(decision: GateDecision, *expected: str) -> None:
    assert codes(decision) == list(expected)
    assert not decision.allowed
    assert decision.verdict == "deny"


def test_approved_and_verified_is_allowed_without_a_reason() -> None:
    decision = answer(facts(an_approved_sign_off()))
    assert (decision.verdict, decision.allowed, decision.decided, decision.reasons) == ("allow", True, True, ())


# The question


def test_unknown_environment_is_denied() -> None:
    denied(answer(replace(facts(an_approved_sign_off()), environment_known=False)), "unknown_environment")


def test_unknown_model_is_denied() -> None:
    given = GateFacts(environment_known=True, model_known=False, policy=a_policy())
    denied(answer(given, GateQuestion(PROD, model="fraud", number=1)), "unknown_model")


def test_unknown_digest_is_denied() -> None:
    denied(answer(GateFacts(environment_known=True, policy=a_policy())), "unknown_digest")


def test_unknown_version_is_denied() -> None:
    given = GateFacts(environment_known=True, policy=a_policy())
    denied(answer(given, GateQuestion(PROD, model="fraud", number=9)), "unknown_version")


def test_digest_of_another_version_is_denied_and_told_apart() -> None:
    given = GateFacts(environment_known=True, policy=a_policy(), mismatch="e" * 64)
    decision = answer(given, GateQuestion(PROD, digest=ARTIFACT, model="fraud", number=1))
    denied(decision, "unknown_digest")
    assert "e" * 64 in decision.reasons[0].detail


def test_digest_of_several_models_is_denied_even_when_all_are_approved() -> None:
    given = facts(an_approved_sign_off())
    other = replace(given.candidates[0], version=a_version("version-2", "model-2"))
    denied(answer(replace(given, candidates=(*given.candidates, other))), "ambiguous_digest")


def test_same_bytes_registered_again_do_not_undo_a_sign_off() -> None:
    given = facts(an_approved_sign_off())
    again = replace(given.candidates[0], version=a_version("version-2", number=2), sign_offs=())
    decision = answer(replace(given, candidates=(again, *given.candidates)))
    assert decision.allowed
    assert decision.version == a_version()


# The policy


def test_no_policy_is_denied() -> None:
    denied(answer(with_policy(facts(an_approved_sign_off()), None)), "no_policy")


def test_not_signed_off_is_denied() -> None:
    denied(answer(facts()), "not_signed_off")


def test_awaiting_signatures_says_how_many_and_whose() -> None:
    decision = answer(facts(a_pending_sign_off(None, BOB)))
    denied(decision, "awaiting_signatures")
    [reason] = decision.reasons
    assert (reason.facts["have"], reason.facts["need"]) == (1, 2)
    assert reason.facts["missing"] == [{"any_of": ["risk-officer"], "count": 1}]


def a_rejected() -> SignOff:
    sign_off = a_pending_sign_off(None, BOB)
    sign_off.reject(CAROL, None, now(), WHY, AT)
    return sign_off


def a_withdrawn() -> SignOff:
    sign_off = a_pending_sign_off()
    sign_off.withdraw(person("alice"), None, AT)
    return sign_off


def a_revoked() -> SignOff:
    sign_off = an_approved_sign_off()
    sign_off.revoke(BOB, WHY, AT)
    return sign_off


def an_invalidated() -> SignOff:
    sign_off = an_approved_sign_off()
    sign_off.invalidate(now(runs=[a_run(), a_run(result="d" * 64, run_id="run-2")]), AT)
    return sign_off


@pytest.mark.parametrize(
    ("given", "code"), [(a_rejected, "rejected"), (a_withdrawn, "withdrawn"), (a_revoked, "revoked"), (an_invalidated, "invalidated")]
)
def test_sign_off_that_ended_otherwise_is_denied(given: Callable[[], SignOff], code: str) -> None:
    denied(answer(facts(given())), code)


def test_invalidated_names_field_old_and_new() -> None:
    [reason] = answer(facts(an_invalidated())).reasons
    digests = [reason.facts[name]["result_sha256"] for name in ("old", "new")]
    assert (reason.facts["field"], digests) == ("evidence", ["b" * 64, "d" * 64])


def test_expiry_is_evaluated_when_asked() -> None:
    given = facts(an_approved_sign_off(), runs=[a_run(age=timedelta(days=-89))])
    assert answer(given, after=timedelta(days=89, hours=23)).allowed
    denied(answer(given, after=timedelta(days=90)), "expired")


def test_verification_missing_is_denied() -> None:
    policy = a_policy(max_age=None)
    signed = facts(an_approved_sign_off(now(policy, verified=False)), runs=[], policy=policy)
    assert answer(signed).allowed
    denied(answer(facts(runs=[])), "verification_missing", "not_signed_off")


def test_verification_failed_is_denied() -> None:
    denied(answer(facts(runs=[a_run(passed=False)])), "verification_failed", "not_signed_off")


def test_verification_that_failed_after_the_sign_off_is_denied_before_any_event_says_so() -> None:
    runs = [a_run(), a_run(passed=False, result="d" * 64, run_id="run-2", age=timedelta())]
    denied(answer(facts(an_approved_sign_off(), runs=runs)), "verification_failed", "invalidated")


def test_verification_stale_is_denied_and_renewed_by_the_same_result() -> None:
    later = timedelta(days=31)
    denied(answer(facts(an_approved_sign_off()), after=later), "verification_stale")
    renewed = a_run(run_id="run-2", age=-later)
    assert answer(facts(an_approved_sign_off(), runs=[a_run(), renewed]), after=later).allowed


def test_policy_changed_is_denied_before_any_event_says_so() -> None:
    denied(answer(facts(an_approved_sign_off(), policy=a_policy(version=2))), "policy_changed")


def test_artifact_changed_is_denied() -> None:
    denied(answer(facts(an_approved_sign_off(), version=a_version(artifact="e" * 64))), "artifact_changed")


def test_signer_named_by_late_lineage_is_denied_before_any_event_says_so() -> None:
    denied(answer(facts(an_approved_sign_off(), claims=[*CLAIMS, a_claim("carol", by="carol")])), "invalidated")


def test_all_reasons_are_told_at_once() -> None:
    given = facts(an_approved_sign_off(), policy=a_policy(version=2))
    denied(answer(given, after=timedelta(days=91)), "verification_stale", "expired", "policy_changed")


# Several sign-offs, newest first


def test_new_request_does_not_undo_an_approval() -> None:
    assert answer(facts(a_pending_sign_off(), an_approved_sign_off())).allowed
    assert answer(facts(a_withdrawn(), an_approved_sign_off())).allowed


def test_later_rejection_outweighs_an_approval() -> None:
    denied(answer(facts(a_rejected(), an_approved_sign_off())), "rejected")


def test_request_after_a_rejection_awaits_signatures() -> None:
    denied(answer(facts(a_pending_sign_off(), a_rejected())), "awaiting_signatures")


def test_request_that_facts_ended_before_people_decided_does_not_undo_an_approval() -> None:
    ended = a_pending_sign_off()
    ended.invalidate(now(runs=[a_run(), a_run(result="d" * 64, run_id="run-2")]), AT)
    assert answer(facts(ended, an_approved_sign_off())).allowed


def test_approval_that_facts_ended_undoes_the_one_before_and_the_request_after_it_is_named() -> None:
    denied(answer(facts(an_invalidated(), an_approved_sign_off())), "invalidated")
    denied(answer(facts(a_withdrawn(), an_invalidated(), an_approved_sign_off())), "withdrawn")
    timed_out = replace(a_pending_sign_off().known, state="expired")
    given = facts(an_invalidated())
    given = replace(given, candidates=(replace(given.candidates[0], sign_offs=(timed_out, *given.candidates[0].sign_offs)),))
    denied(answer(given), "timed_out")


def test_no_of_people_is_named_whatever_was_requested_and_withdrawn_after_it() -> None:
    denied(answer(facts(a_withdrawn(), a_revoked())), "revoked")


# Modes


@pytest.mark.parametrize(("mode", "verdict"), [("prevent", "deny"), ("warn", "warn"), ("allow", "allow")])
def test_mode_softens_reasons_of_policy_and_still_tells_them(mode: Mode, verdict: str) -> None:
    decision = answer(facts(policy=a_policy(mode=mode)))
    assert decision.verdict == verdict
    assert codes(decision) == ["not_signed_off"]


@pytest.mark.parametrize("mode", ["warn", "allow"])
def test_mode_never_softens_what_is_unknown_or_ambiguous(mode: Mode) -> None:
    policy = a_policy(mode=mode)
    denied(answer(GateFacts(environment_known=True, policy=policy)), "unknown_digest")
    denied(answer(GateFacts(environment_known=True, model_known=False, policy=policy)), "unknown_model")
    denied(answer(replace(facts(an_approved_sign_off(), policy=policy), environment_known=False)), "unknown_environment")
    given = facts(policy=policy)
    other = replace(given.candidates[0], version=a_version("version-2", "model-2"))
    denied(answer(replace(given, candidates=(*given.candidates, other))), "ambiguous_digest")


@pytest.mark.parametrize("mode", ["prevent", "warn", "allow"])
@pytest.mark.parametrize("obstacle", list(SOURCE_OBSTACLES))
def test_what_is_not_known_is_never_a_yes_and_never_decided(mode: Mode, obstacle: SourceObstacle) -> None:
    policy = a_policy(mode=mode)
    given = replace(facts(an_approved_sign_off(now(policy)), policy=policy), knowledge_gaps=(source_reason(obstacle, "registry"),))
    decision = answer(given)
    denied(decision, obstacle)
    assert not decision.decided


def test_sign_off_is_seen_alike_from_its_stream_and_after_a_rebuild() -> None:
    sign_off = SignOff.request("sign-off-1", "alice", now(), WHY, AT)
    sign_off.grant(BOB, None, now(), WHY, AT)
    sign_off.grant(CAROL, None, now(), WHY, AT)
    known = sign_off.known
    again = SignOff.rebuild(sign_off.collect_events())
    assert again is not None
    assert again.known == known
