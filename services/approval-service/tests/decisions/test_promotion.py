"""The environment before: an approval of the same bytes in force there, and the time for which they ran there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from placet_approval.domain.gate import GateDecision, decide
from placet_approval.domain.gate_facts import Candidate, DeployedSpan, EarlierEnvironment
from placet_approval.domain.policy_terms import PolicyTerms, PolicyVersion
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.subjects import PlanInForce

from .builders import (
    AT,
    BOB,
    CAROL,
    CLAIMS,
    IN_OFFICE,
    QUESTION,
    WHY,
    a_claim,
    a_no,
    a_plan,
    a_policy,
    a_run,
    a_version,
    an_approved_sign_off,
    facts,
    now,
)

HOUR = timedelta(hours=1)


def of(policy: PolicyVersion, environment: str, **changes: object) -> PolicyVersion:
    terms = replace(policy.terms, environment=environment, **changes)  # type: ignore[arg-type]
    return PolicyVersion(f"policy-{environment}", 1, terms.sha256(), terms)


PROD = a_policy(previous_required=True)
STRICT_TEST = of(a_policy(), "test")
OPEN = of(a_policy(), "open", signatures=(), mode="allow")


def approved_in(policy: PolicyVersion, at: datetime = AT - 2 * HOUR) -> SignOff:
    """By bob and carol, at that time."""
    here = now(policy)
    sign_off = SignOff.request(f"sign-off-in-{policy.terms.environment}", "alice", here, WHY, at)
    for signer in (BOB, CAROL):
        sign_off.grant(signer, None, here, WHY, at)
    return sign_off


def an_earlier(policy: PolicyVersion, *sign_offs: SignOff, name: str = "", **more: object) -> EarlierEnvironment:
    candidate = Candidate(
        a_version(),
        plans=(PlanInForce(a_plan()),),
        runs=(a_run(),),
        sign_offs=tuple(one.known for one in sign_offs),
        claims=CLAIMS,
        in_office=IN_OFFICE,
    )
    versions = (candidate,) if sign_offs else ()
    return EarlierEnvironment(name or policy.terms.environment, policy, versions, **more)  # type: ignore[arg-type]


def asked(*earlier: EarlierEnvironment, policy: PolicyVersion = PROD, at: datetime = AT) -> GateDecision:
    """For prod, where all is in order, with these environments before, nearest first."""
    given = facts(an_approved_sign_off(now(policy)), policy=policy)
    [candidate] = given.candidates
    return decide(QUESTION, replace(given, candidates=(replace(candidate, earlier=tuple(earlier)),)), at)


def codes(decision: GateDecision) -> Sequence[str]:
    return [reason.code for reason in decision.reasons]


def test_approval_of_the_same_bytes_before_lets_it_pass() -> None:
    assert asked(an_earlier(STRICT_TEST, approved_in(STRICT_TEST))).allowed


def test_without_an_approval_before_it_is_denied_with_the_command_that_helps() -> None:
    [reason] = asked(an_earlier(STRICT_TEST)).reasons
    assert (reason.code, reason.facts["environment"]) == ("previous_environment_missing", "test")
    assert "`placet signoff request MODEL/NUMBER -e test`" in reason.resolve


def test_policy_of_an_older_release_does_not_ask_for_it() -> None:
    old = a_policy()
    assert "previous_environment" not in old.terms.content()
    assert PolicyTerms.from_content(old.terms.content()).previous_required is False
    assert asked(an_earlier(STRICT_TEST), policy=old).allowed


def test_expired_approval_before_does_not_count_and_bounds_the_yes() -> None:
    early = AT - timedelta(days=90) + timedelta(minutes=5)
    given = approved_in(STRICT_TEST, early)
    yes = asked(an_earlier(STRICT_TEST, given))
    assert (yes.allowed, yes.valid_until) == (True, AT + timedelta(minutes=5)), "5 minutes, where the policy would let it be used for 15"
    [reason] = asked(an_earlier(STRICT_TEST, given), at=AT + timedelta(minutes=5)).reasons
    assert (reason.code, "has expired" in reason.detail) == ("previous_environment_missing", True)


def test_approval_before_that_was_revoked_does_not_count() -> None:
    given = approved_in(STRICT_TEST)
    given.revoke(BOB, WHY, AT)
    assert codes(asked(an_earlier(STRICT_TEST, given))) == ["previous_environment_missing"]


def test_approval_before_under_another_version_of_its_policy_does_not_count() -> None:
    given = approved_in(STRICT_TEST)
    weaker = replace(of(a_policy(), "test", expires_after=timedelta(days=900)), version=2)
    [reason] = asked(an_earlier(weaker, given)).reasons
    assert (reason.code, "not in force any more" in reason.detail) == ("previous_environment_missing", True)


def test_approval_before_that_is_contested_does_not_count() -> None:
    test = an_earlier(STRICT_TEST, approved_in(STRICT_TEST))
    [version] = test.versions
    contested = replace(test, versions=(replace(version, claims=(*CLAIMS, a_claim("bob", by="mallory"))),))
    assert codes(asked(contested)) == ["previous_environment_missing"]


def test_no_on_the_same_bytes_before_stands_against_an_approval_there() -> None:
    test = an_earlier(STRICT_TEST, approved_in(STRICT_TEST), noes=(a_no(1),))
    [version] = test.versions
    [reason] = asked(replace(test, versions=(replace(version, noes=test.noes),))).reasons
    assert (reason.code, reason.facts["rejected"]) == ("previous_environment_missing", True)


def test_environment_that_asks_for_no_signature_is_met_by_itself() -> None:
    assert asked(an_earlier(OPEN)).allowed
    assert asked().allowed, "and so is the first one, which has none before it"


def test_environment_that_lets_all_through_put_in_between_stands_for_nothing() -> None:
    between = an_earlier(OPEN, name="between")
    assert codes(asked(between, an_earlier(STRICT_TEST))) == ["previous_environment_missing"]
    assert asked(between, an_earlier(STRICT_TEST, approved_in(STRICT_TEST))).allowed


def test_environment_without_a_policy_put_in_between_denies() -> None:
    [reason] = asked(EarlierEnvironment("between", None), an_earlier(STRICT_TEST, approved_in(STRICT_TEST))).reasons
    assert (reason.code, "no policy" in reason.detail) == ("previous_environment_missing", True)


def test_no_before_stands_also_when_the_policy_there_was_weakened_since() -> None:
    weakened = an_earlier(OPEN, name="test", noes=(a_no(1),))
    assert codes(asked(weakened)) == ["previous_environment_missing"]


def test_environments_before_are_a_chain_as_far_as_their_policies_ask() -> None:
    staging = of(PROD, "staging")
    approved = an_earlier(staging, approved_in(staging))
    assert [one.facts["environment"] for one in asked(approved, an_earlier(STRICT_TEST)).reasons] == ["test"]
    assert asked(approved, an_earlier(STRICT_TEST, approved_in(STRICT_TEST))).allowed
    alone = of(a_policy(), "staging")
    assert asked(an_earlier(alone, approved_in(alone)), an_earlier(STRICT_TEST)).allowed, "staging does not ask for test"


SOAKED = a_policy(previous_required=True, soak=timedelta(hours=24))


def deployed(*spans: DeployedSpan) -> GateDecision:
    return asked(an_earlier(STRICT_TEST, approved_in(STRICT_TEST), deployed=spans), policy=SOAKED)


def test_bytes_that_never_ran_before_have_all_of_the_time_missing() -> None:
    [reason] = deployed().reasons
    assert (reason.code, reason.facts["since"], reason.facts["missing_seconds"]) == ("soak_missing", None, 24 * 3600)
    assert "`placet deploy MODEL/NUMBER -e test`" in reason.resolve


def test_time_before_is_summed_over_deployments() -> None:
    first = DeployedSpan(AT - 30 * HOUR, AT - 20 * HOUR)
    [reason] = deployed(first, DeployedSpan(AT - 13 * HOUR, None)).reasons
    assert (reason.code, reason.facts["missing_seconds"], reason.facts["running"]) == ("soak_missing", 3600, True)
    assert "for 23 h since" in reason.detail
    assert "1 h are missing" in reason.detail
    assert deployed(first, DeployedSpan(AT - 14 * HOUR, None)).allowed


def test_time_runs_also_where_no_environment_before_asks_for_signatures() -> None:
    assert codes(asked(an_earlier(OPEN), policy=SOAKED)) == ["soak_missing"]
    assert asked(an_earlier(OPEN, deployed=(DeployedSpan(AT - 25 * HOUR, AT),)), policy=SOAKED).allowed


def test_time_in_an_environment_put_in_between_does_not_count() -> None:
    between = an_earlier(OPEN, name="between", deployed=(DeployedSpan(AT - 25 * HOUR, None),))
    assert codes(asked(between, an_earlier(STRICT_TEST, approved_in(STRICT_TEST)), policy=SOAKED)) == ["soak_missing"]
