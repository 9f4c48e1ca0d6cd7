"""What tests of decisions begin with: policies, versions, evidence, people and sign-offs that say intent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from placet_approval.domain.artifact_standing import NoKind, StandingNo
from placet_approval.domain.break_glass import BreakGlass, Opening
from placet_approval.domain.debt_ledger import DebtLedger
from placet_approval.domain.directive import RunsWithoutYes
from placet_approval.domain.emergency_terms import BreakGlassTerms
from placet_approval.domain.gate_facts import Candidate, GateFacts, GateQuestion
from placet_approval.domain.involvement import Claim
from placet_approval.domain.policy_terms import INVOLVEMENTS, EvidenceTerms, Involvement, Mode, PolicyTerms, PolicyVersion, SignatureTerm
from placet_approval.domain.process_terms import DeadlineTerms, FeedbackTerm, ProcessTerms, WaiverTerms
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_rules import ActorKind, Signer
from placet_approval.domain.subjects import GovernedVersion, PlanInForce, PlanVersion, Verification
from placet_shared.aggregates import Aggregate, Event, plain_fields
from placet_shared.model_selectors import SelectableModel

AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ARTIFACT = "a" * 64
RESULT = "b" * 64
WHY = {"id": "0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f", "hmac": "c" * 64}

ONE_OF_EACH = (SignatureTerm(("reviewer",), 1), SignatureTerm(("risk-officer",), 1))


def a_policy(
    *signatures: SignatureTerm,
    mode: Mode = "prevent",
    version: int = 1,
    max_age: timedelta | None = timedelta(days=30),
    excludes: tuple[Involvement, ...] = INVOLVEMENTS,
    rationale_required: bool = True,
    **later: Any,
) -> PolicyVersion:
    """For prod; one reviewer and one risk officer unless told otherwise."""
    evidence = EvidenceTerms(None, max_age) if max_age else None
    terms = PolicyTerms("prod", mode, signatures or ONE_OF_EACH, evidence, excludes, timedelta(days=90), rationale_required, **later)
    return PolicyVersion("policy-1", version, terms.sha256(), terms)


GLASS_TERMS = BreakGlassTerms(("on-call",))


def a_plan(version: int = 1, name: str = "prod-checks", plan_id: str = "plan-1") -> PlanVersion:
    return PlanVersion(plan_id, name, version, "f" * 64)


def a_run(
    *,
    passed: bool = True,
    result: str = RESULT,
    age: timedelta = timedelta(hours=1),
    run_id: str = "run-1",
    plan: PlanVersion | None = None,
    pins: str = "evaluation data-1",
    measured: str | None = None,
) -> Verification:
    """What it measured is what its result says, unless told otherwise."""
    as_of = int((AT - age).timestamp())  # later is further
    return Verification(run_id, plan or a_plan(), passed, result, measured or result, pins, AT - age, as_of)


def a_version(version_id: str = "version-1", model_id: str = "model-1", number: int = 1, artifact: str = ARTIFACT) -> GovernedVersion:
    return GovernedVersion(version_id, model_id, number, artifact)


def a_claim(person_id: str, part: Involvement = "trainer", by: str = "registrar") -> Claim:
    return Claim(person_id, part, by)


CLAIMS = (a_claim("registrar", "registrar"), a_claim("trainer"), a_claim("preparer", "data_preparer"))


def a_no(
    ordinal: int, *, of: str = "another-sign-off", version_id: str = "version-2", at: datetime = AT, kind: NoKind = "rejected"
) -> StandingNo:
    return StandingNo(ordinal, of, kind, "model-2", version_id, "bob", at)


DAY = timedelta(days=1)


def with_process(*signatures: SignatureTerm, **terms: Any) -> PolicyVersion:
    """Operations answer first; risk officers may waive; reminded after a day, escalated after two, over after three."""
    process: dict[str, Any] = {
        "feedback": (FeedbackTerm("operations", ("sre",), 1),),
        "waivers": WaiverTerms(("risk-officer",), 30 * DAY),
        "deadlines": DeadlineTerms(DAY, 2 * DAY, "head-of-risk", 3 * DAY),
        "review_before": 14 * DAY,
    }
    return a_policy(*signatures, process=ProcessTerms(**{**process, **terms}))


IN_OFFICE = {
    "sam": frozenset({"sre"}),
    "bob": frozenset({"reviewer"}),
    "carol": frozenset({"risk-officer"}),
    "erin": frozenset({"reviewer", "risk-officer"}),
}


def now(
    policy: PolicyVersion | None = None,
    run: Verification | None = None,
    version: GovernedVersion | None = None,
    *,
    verified: bool = True,
    plan: PlanVersion | None = None,
    plans: Sequence[PlanInForce] | None = None,
    runs: Sequence[Verification] | None = None,
    champion: str | None = None,
    claims: Sequence[Claim] = CLAIMS,
    noes: Sequence[StandingNo] = (),
    in_office: Mapping[str, frozenset[str]] | None = None,
) -> Circumstances:
    """Everything in order, unless told otherwise."""
    return Circumstances(
        version or a_version(),
        policy or a_policy(),
        runs=([run or a_run()] if run or verified else []) if runs is None else runs,
        plans=[PlanInForce(plan or a_plan())] if plans is None else plans,
        champion=champion,
        claims=claims,
        noes=noes,
        standing=max((no.ordinal for no in noes), default=0),
        in_office=IN_OFFICE if in_office is None else in_office,
    )


def person(id: str, *roles: str, kind: ActorKind = "person") -> Signer:
    return Signer(id, kind, frozenset(roles))


BOB = person("bob", "reviewer")
CAROL = person("carol", "risk-officer")
DORA = person("dora", "admin")
SAM = person("sam", "sre")


def a_pending_sign_off(circumstances: Circumstances | None = None, *signers: Signer) -> SignOff:
    """Requested by alice, signed by `signers`; nothing is new about it."""
    circumstances = circumstances or now()
    sign_off = SignOff.request("sign-off-1", "alice", circumstances, WHY, AT)
    for signer in signers:
        sign_off.grant(signer, None, circumstances, WHY, AT)
    sign_off.collect_events()
    return sign_off


def an_approved_sign_off(circumstances: Circumstances | None = None) -> SignOff:
    return a_pending_sign_off(circumstances, BOB, CAROL)


def new_events(aggregate: Aggregate) -> list[tuple[str, dict[str, Any]]]:
    """What the command decided: types and fields."""
    return [(event.TOPIC, plain_fields(event)) for event in aggregate.collect_events() if isinstance(event, Event)]


def event_types(aggregate: Aggregate) -> list[str]:
    return [name for name, _ in new_events(aggregate)]


ALICE_ON_CALL = person("alice", "on-call")
RUNS = RunsWithoutYes("deployment-1", "model-1", "version-1", "prod", ARTIFACT, "sign-off-1", "revoked")


def a_broken_glass(
    opener: Signer = ALICE_ON_CALL,
    *,
    version: GovernedVersion | None = None,
    at: datetime = AT,
    length: timedelta | None = None,
    name: str = "1",
    policy: PolicyVersion | None = None,
) -> tuple[BreakGlass, DebtLedger]:
    """Opened for four hours with a token of a minute ago, and the debt that it leaves."""
    version, policy = version or a_version(), policy or a_policy(break_glass=GLASS_TERMS)
    asked = Opening(f"glass-{name}", f"debt-{name}", "INC-1", length)
    glass = BreakGlass.open(None, asked, version, policy, opener, at - timedelta(minutes=1), WHY, at)
    opened = {"version_id": version.version_id, "model_id": version.model_id, "artifact_sha256": version.artifact_sha256}
    who = {"person_id": opener.id, "token_issuers": sorted(opener.token_issuers), "incident": "INC-1"}
    terms = [term.content() for term in policy.terms.signatures]
    ids = {"debt_id": asked.debt_id, "glass_id": asked.glass_id, "environment": policy.terms.environment}
    return glass, DebtLedger.incur(None, at, **ids, **opened, **who, signatures=terms)


QUESTION = GateQuestion("prod", digest=ARTIFACT)


def facts(
    *sign_offs: SignOff,
    policy: PolicyVersion | None = None,
    runs: Iterable[Verification] | None = None,
    version: GovernedVersion | None = None,
    plan: PlanVersion | None = None,
    plans: Sequence[PlanInForce] | None = None,
    champion: str | None = None,
    claims: Sequence[Claim] = CLAIMS,
    noes: Sequence[StandingNo] = (),
    in_office: Mapping[str, frozenset[str]] | None = None,
) -> GateFacts:
    """One version, verified, with these sign-offs, newest first."""
    version = version or a_version()
    candidate = Candidate(
        version,
        (SelectableModel(version.model_id, "fraud"),),
        (PlanInForce(plan or a_plan()),) if plans is None else tuple(plans),
        champion,
        (a_run(),) if runs is None else tuple(runs),
        tuple(sign_off.known for sign_off in sign_offs),
        tuple(claims),
        tuple(noes),
        IN_OFFICE if in_office is None else in_office,
    )
    return GateFacts(environment_known=True, candidates=(candidate,), policy=policy or a_policy())


def with_policy(given: GateFacts, policy: PolicyVersion | None) -> GateFacts:
    return replace(given, policy=policy)
