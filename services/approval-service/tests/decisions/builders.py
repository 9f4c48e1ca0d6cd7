"""What tests of decisions begin with: policies, versions, evidence, people and sign-offs that say intent."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from placet_approval.domain.gate_facts import Candidate, GateFacts, GateQuestion, KnownSignOff
from placet_approval.domain.policy_terms import INVOLVEMENTS, EvidenceTerms, Involvement, Mode, PolicyTerms, PolicyVersion, SignatureTerm
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_rules import ActorKind, Signer
from placet_approval.domain.subjects import GovernedVersion, Verification
from placet_shared.aggregates import Aggregate, Event, plain_fields

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
) -> PolicyVersion:
    """For prod; one reviewer and one risk officer unless told otherwise."""
    evidence = EvidenceTerms(None, max_age) if max_age else None
    terms = PolicyTerms("prod", mode, signatures or ONE_OF_EACH, evidence, excludes, timedelta(days=90), rationale_required)
    return PolicyVersion("policy-1", version, terms.sha256(), terms)


def a_run(*, passed: bool = True, result: str = RESULT, age: timedelta = timedelta(hours=1), run_id: str = "run-1") -> Verification:
    return Verification(run_id, "prod-checks", passed, result, AT - age)


def a_version(version_id: str = "version-1", model_id: str = "model-1", number: int = 1, artifact: str = ARTIFACT) -> GovernedVersion:
    return GovernedVersion(version_id, model_id, number, artifact, ("registrar",), ("trainer",), ("preparer",))


def now(
    policy: PolicyVersion | None = None, run: Verification | None = None, version: GovernedVersion | None = None, *, verified: bool = True
) -> Circumstances:
    """Everything in order, unless told otherwise."""
    return Circumstances(version or a_version(), run or (a_run() if verified else None), policy or a_policy())


def person(id: str, *roles: str, kind: ActorKind = "person") -> Signer:
    return Signer(id, kind, frozenset(roles))


BOB = person("bob", "reviewer")
CAROL = person("carol", "risk-officer")
DORA = person("dora", "admin")


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


QUESTION = GateQuestion("prod", digest=ARTIFACT)


def facts(
    *sign_offs: SignOff,
    policy: PolicyVersion | None = None,
    runs: Iterable[Verification] | None = None,
    version: GovernedVersion | None = None,
) -> GateFacts:
    """One version, verified, with these sign-offs, newest first."""
    known = tuple(KnownSignOff.of(sign_off) for sign_off in sign_offs)
    candidate = Candidate(version or a_version(), (a_run(),) if runs is None else tuple(runs), known)
    return GateFacts(environment_known=True, candidates=(candidate,), policy=policy or a_policy())


def with_policy(given: GateFacts, policy: PolicyVersion | None) -> GateFacts:
    return replace(given, policy=policy)
