"""The gate: may this version go to this environment now? Gives all reasons against it, each with what would resolve it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from placet_approval.domain.artifact_standing import StandingNo
from placet_approval.domain.break_glass import Glass
from placet_approval.domain.evidence_reasons import evidence_reasons
from placet_approval.domain.gate_emergencies import debt_reasons, glass_for
from placet_approval.domain.gate_facts import Candidate, GateFacts, GateQuestion
from placet_approval.domain.gate_reasons import Reason, change_reason, contested_reason, lineage_missing, same_bytes_reasons
from placet_approval.domain.gate_release import release_ends, release_reasons
from placet_approval.domain.gate_validity import valid_until
from placet_approval.domain.involvement import names_a_trainer
from placet_approval.domain.known_sign_off import STANDING, KnownSignOff, contested_claims, outdated_by, standing_noes
from placet_approval.domain.policy_terms import PolicyVersion, terms_in_words
from placet_approval.domain.promotion import approvals_before, approved_before_until, promotion_reasons
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_phases import holding_reasons, lapse_reasons
from placet_approval.domain.step_reasons import step_reasons
from placet_approval.domain.subjects import GovernedVersion

__all__ = ["GateDecision", "GateVerdict", "decide"]

RESET = "Its requester begins a new round: `placet signoff reset ID`; or requests another sign-off."

GateVerdict = Literal["allow", "warn", "deny"]


@dataclass(frozen=True, slots=True)
class GateDecision:
    """`reasons` are all reasons against it; under the modes warn and allow there may be some with `allowed` true.

    `decided` false means that too little was known, and that the same question may be answered otherwise in a moment. `valid_until` is
    until when a yes may be used; a no has none. `question`, `facts` and `at` are what was decided, on what, when. `break_glass` is what
    allows it in spite of the reasons, None where none was needed. `earlier` are the approvals in environments before that it rests on.
    """

    question: GateQuestion
    facts: GateFacts
    at: datetime
    verdict: GateVerdict
    decided: bool
    reasons: tuple[Reason, ...]
    version: GovernedVersion | None
    sign_off: KnownSignOff | None
    policy: PolicyVersion | None
    valid_until: datetime | None = None
    break_glass: Glass | None = None
    earlier: Mapping[str, KnownSignOff] = field(default_factory=dict)

    @property
    def allowed(self) -> bool:
        """Whether the deployment is allowed."""
        return self.verdict != "deny"

    @property
    def environment(self) -> str | None:
        """The environment that was asked about, if there is one of that name."""
        return self.question.environment if self.facts.environment_known else None


def decide(question: GateQuestion, facts: GateFacts, at: datetime) -> GateDecision:
    """Pure: the same facts and time give the same answer. All that is not known to be good is a no."""
    candidate, unclear = _which(question, facts, at)
    policy = candidate.policy_at(at, facts.policy) if candidate else facts.policy
    now = candidate.circumstances(policy) if candidate and policy else None
    policy_reasons = tuple(_objections(question, candidate, now, at)) if candidate and facts.environment_known else ()
    hard = (*facts.knowledge_gaps, *unclear)
    verdict = _verdict(hard, policy_reasons, policy)
    glass = glass_for(candidate, now, at) if candidate and now and verdict == "deny" and not hard else None
    verdict = "allow" if glass else verdict
    sign_off = candidate.deciding if candidate else None
    before = approved_before_until(now.policy.terms, candidate.earlier, at) if now and candidate else None
    ends = [before, *(release_ends(candidate) if candidate else ())] if glass is None else [glass.ends_at]
    return GateDecision(
        question,
        facts,
        at,
        verdict=verdict,
        decided=not facts.knowledge_gaps,
        reasons=(*hard, *policy_reasons),
        version=candidate.version if candidate else None,
        sign_off=sign_off,
        policy=policy,
        valid_until=valid_until(now, sign_off, at, ends) if now and verdict != "deny" else None,
        break_glass=glass,
        earlier=approvals_before(now.policy.terms, candidate.earlier, at) if now and candidate else {},
    )


def _verdict(hard: tuple[Reason, ...], objections: tuple[Reason, ...], policy: PolicyVersion | None) -> GateVerdict:
    if hard or policy is None or (objections and policy.terms.mode == "prevent"):
        return "deny"
    return "warn" if objections and policy.terms.mode == "warn" else "allow"


def _which(question: GateQuestion, facts: GateFacts, at: datetime) -> tuple[Candidate | None, tuple[Reason, ...]]:
    """The version in question, and the reasons why it is unclear."""
    unclear: list[Reason] = []
    if not facts.environment_known:
        unclear.append(
            Reason(
                "unknown_environment",
                f"There is no environment {question.environment}.",
                "Check its name, or have it defined in the registry.",
                "question",
            )
        )
    if not facts.model_known:
        unclear.append(
            Reason(
                "unknown_model",
                f"There is no model {question.model or question.version_id}.",
                "Check its name, or register it first.",
                "question",
            )
        )
    elif not facts.candidates:
        unclear.append(_unknown_version(question, facts))
    elif len({candidate.version.model_id for candidate in facts.candidates}) > 1:
        return None, (*unclear, *_rejected_somewhere(facts, at), _ambiguous(facts))
    return _speaking(facts.candidates), tuple(unclear)


def _speaking(candidates: tuple[Candidate, ...]) -> Candidate | None:
    """Several versions of one model may have the same bytes: the one with the latest decided sign-off counts."""
    decided = {sign_off.sign_off_id: one for one in candidates if (sign_off := one.newest_decided)}
    return decided[max(decided)] if decided else next(iter(candidates), None)


def _rejected_somewhere(facts: GateFacts, at: datetime) -> Iterator[Reason]:
    """A no on the bytes comes first, for any model that has them."""
    for candidate in facts.candidates:
        policy = candidate.policy_at(at, facts.policy)
        if policy and policy.terms.signatures and (noes := _standing(candidate, candidate.circumstances(policy))):
            yield from same_bytes_reasons(noes)
            return


def _unknown_version(question: GateQuestion, facts: GateFacts) -> Reason:
    if facts.mismatch:
        detail = f"That version has the digest {facts.mismatch}, not {question.digest}."
        return Reason("unknown_digest", detail, "Deploy exactly the bytes that were registered, or register these.", "question")
    where = f" of {question.model}" if question.model else ""
    resolve = "Register the version, then verify it and have it signed off."
    if question.digest:
        return Reason("unknown_digest", f"No version{where} with the digest {question.digest} is registered.", resolve, "question")
    return Reason("unknown_version", f"There is no version {question.number or question.version_id}{where}.", resolve, "question")


def _ambiguous(facts: GateFacts) -> Reason:
    models = sorted({candidate.version.model_id for candidate in facts.candidates})
    return Reason(
        "ambiguous_digest",
        f"{len(models)} models have a version with this digest, and each has sign-offs of its own.",
        "Name the model in the question.",
        "question",
        {"model_ids": models},
    )


def _objections(question: GateQuestion, candidate: Candidate, now: Circumstances | None, at: datetime) -> Iterator[Reason]:
    if now is None:
        yield Reason(
            "no_policy",
            f"No policy says what {question.environment} asks for.",
            "Have an admin define one: `placet apply -f policy.yaml`.",
        )
        return
    terms = now.policy.terms
    yield from debt_reasons(candidate, terms.environment, at)
    if terms.signatures and (noes := _standing(candidate, now)):
        yield from same_bytes_reasons(noes)
    yield from evidence_reasons(now, at, candidate.deciding if terms.signatures else None)
    yield from promotion_reasons(terms, candidate.earlier, at)
    yield from step_reasons(now, _requester(candidate.deciding), "deployed")
    if terms.signatures:
        if terms.lineage_required and not names_a_trainer(now.claims):
            yield lineage_missing(terms.environment)
        yield from _about_sign_off(candidate.deciding, now, at)
        yield from release_reasons(candidate, now.policy, at)


def _requester(sign_off: KnownSignOff | None) -> str | None:
    """Of one that people decide on, or have agreed to."""
    return sign_off.binding.requester if sign_off and sign_off.state in ("pending", *STANDING) else None


def _standing(candidate: Candidate, now: Circumstances) -> Sequence[StandingNo]:
    """The noes on these bytes that no sign-off of this version has answered."""
    return standing_noes(candidate.deciding, now) if candidate.deciding else now.noes


def _about_sign_off(sign_off: KnownSignOff | None, now: Circumstances, at: datetime) -> Iterator[Reason]:
    asks = terms_in_words(now.policy.terms.signatures)
    if sign_off is None:
        yield Reason(
            "not_signed_off",
            f"No sign-off of this version was requested for {now.policy.terms.environment}.",
            f"Request one; it needs {asks}.",
        )
        return
    yield from _about_state(sign_off, now, at)
    for change in outdated_by(sign_off, now):
        if change.field != "same_bytes":  # among the reasons already
            yield change_reason(change)
    if claims := contested_claims(sign_off, now):
        yield contested_reason(claims, sign_off.sign_off_id)


def _about_state(sign_off: KnownSignOff, now: Circumstances, at: datetime) -> Iterator[Reason]:
    facts: dict[str, Any] = {"sign_off_id": sign_off.sign_off_id}
    again = "Read why; when the reasons are dealt with, request a new sign-off."
    match sign_off.state:
        case "pending":
            yield from holding_reasons(sign_off, at)
            progress = sign_off.progress(now.in_office)
            missing = progress.missing
            have, need = sum(progress.have), sum(term.count for term in progress.terms)
            yield Reason(
                "awaiting_signatures",
                f"{have} of {need} people have signed; missing: {terms_in_words(missing)}.",
                "Ask the people who hold these roles to look at the sign-off.",
                facts={**facts, "have": have, "need": need, "missing": [term.content() for term in missing]},
            )
        case "rejected":
            yield Reason("rejected", "The sign-off was rejected.", again, facts=facts)
        case "withdrawn":
            yield Reason("withdrawn", "The sign-off was withdrawn.", "Request a new one if it is still to be deployed.", facts=facts)
        case "revoked":
            yield Reason("revoked", "The sign-off was revoked.", again, facts=facts)
        case "expired":
            yield Reason("timed_out", "The sign-off's time was over before people had decided.", RESET, facts=facts)
        case "suspended":
            resume = "Read why: `placet signoff show ID`; a person who may sign lets it go on: `placet signoff resume ID`."
            yield Reason("suspended", "The sign-off was approved and is suspended.", resume, facts=facts)
        case "invalidated" if sign_off.invalidated:
            reason = change_reason(sign_off.invalidated)
            code = reason.code if sign_off.invalidated.field == "release" else "invalidated"
            yield Reason(code, reason.detail, reason.resolve, facts={**facts, **reason.facts})
        case "approved" if sign_off.expires_at is None or sign_off.expires_at <= at:
            yield from lapse_reasons(sign_off, at)
            yield Reason(
                "expired",
                f"The sign-off was valid until {sign_off.expires_at and sign_off.expires_at.isoformat()}.",
                "Request a new one, so that people look at it again.",
                facts=facts,
            )
