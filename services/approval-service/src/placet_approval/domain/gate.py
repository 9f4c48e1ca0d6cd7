"""The gate: may this version go to this environment now? All reasons why not, each with what would resolve it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from placet_approval.domain.gate_facts import Candidate, GateFacts, GateQuestion, KnownSignOff
from placet_approval.domain.gate_reasons import Reason, change_reason, evidence_reason
from placet_approval.domain.policy_terms import PolicyVersion, terms_in_words
from placet_approval.domain.sign_off_binding import Circumstances, changes
from placet_approval.domain.subjects import GovernedVersion, latest_for

__all__ = ["GateDecision", "GateVerdict", "decide"]

GateVerdict = Literal["allow", "warn", "deny"]


@dataclass(frozen=True, slots=True)
class GateDecision:
    """`reasons` are all that speaks against; under the modes warn and allow some may be there with `allowed` true.

    `decided` false means that too little was known, and that the same question may be answered otherwise in a moment.
    """

    verdict: GateVerdict
    decided: bool
    reasons: tuple[Reason, ...]
    version: GovernedVersion | None
    sign_off: KnownSignOff | None
    policy: PolicyVersion | None

    @property
    def allowed(self) -> bool:
        """Whether the deployment may go on."""
        return self.verdict != "deny"


def decide(question: GateQuestion, facts: GateFacts, at: datetime) -> GateDecision:
    """Pure: the same facts and time give the same answer. Whatever is not known to be good is a no."""
    candidate, unclear = _which(question, facts)
    policy_reasons = tuple(_objections(question, facts.policy, candidate, at)) if candidate and facts.environment_known else ()
    hard = (*facts.troubles, *unclear)
    return GateDecision(
        verdict=_verdict(hard, policy_reasons, facts.policy),
        decided=not facts.troubles,
        reasons=(*hard, *policy_reasons),
        version=candidate.version if candidate else None,
        sign_off=candidate.deciding if candidate else None,
        policy=facts.policy,
    )


def _verdict(hard: tuple[Reason, ...], objections: tuple[Reason, ...], policy: PolicyVersion | None) -> GateVerdict:
    if hard or policy is None or (objections and policy.terms.mode == "prevent"):
        return "deny"
    return "warn" if objections and policy.terms.mode == "warn" else "allow"


def _which(question: GateQuestion, facts: GateFacts) -> tuple[Candidate | None, tuple[Reason, ...]]:
    """The version that is meant, and what is unclear about the question."""
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
        unclear.append(_ambiguous(facts))
        return None, tuple(unclear)
    return _speaking(facts.candidates), tuple(unclear)


def _speaking(candidates: tuple[Candidate, ...]) -> Candidate | None:
    """Several versions of one model may have the same bytes: the newest that people have decided on speaks for them."""
    decided = (one for one in candidates if any(sign_off.state not in ("pending", "withdrawn") for sign_off in one.sign_offs))
    return next(decided, None) or next(iter(candidates), None)


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


def _objections(question: GateQuestion, policy: PolicyVersion | None, candidate: Candidate, at: datetime) -> Iterator[Reason]:
    if policy is None:
        yield Reason(
            "no_policy",
            f"No policy says what {question.environment} asks for.",
            "Have an admin define one: `placet apply -f policy.yaml`.",
        )
        return
    run = latest_for(policy.terms.verification, candidate.runs)
    if reason := evidence_reason(policy.terms.verification, run, question.environment, at):
        yield reason
    if policy.terms.signatures:
        yield from _about_sign_off(candidate, Circumstances(candidate.version, run, policy), at)


def _about_sign_off(candidate: Candidate, now: Circumstances, at: datetime) -> Iterator[Reason]:
    sign_off = candidate.deciding
    asks = terms_in_words(now.policy.terms.signatures)
    if sign_off is None:
        yield Reason(
            "not_signed_off",
            f"Nobody has requested a sign-off of this version for {now.policy.terms.environment}.",
            f"Request one; it needs {asks}.",
        )
        return
    yield from _about_state(sign_off, at)
    if sign_off.state in ("pending", "approved"):
        for change in changes(sign_off.binding, sign_off.signers, now):
            yield change_reason(change)


def _about_state(sign_off: KnownSignOff, at: datetime) -> Iterator[Reason]:
    facts: dict[str, Any] = {"sign_off_id": sign_off.sign_off_id}
    again = "Read why; when the reasons are dealt with, request a new sign-off."
    match sign_off.state:
        case "pending":
            missing = sign_off.progress.missing
            have, need = sum(sign_off.progress.have), sum(term.count for term in sign_off.progress.terms)
            yield Reason(
                "awaiting_signatures",
                f"{have} of {need} people have signed; missing: {terms_in_words(missing)}.",
                "Ask the people who hold these roles to look at the sign-off.",
                facts={**facts, "have": have, "need": need, "missing": [term.content() for term in missing]},
            )
        case "rejected":
            yield Reason("rejected", "The sign-off was rejected.", again, facts=facts)
        case "withdrawn":
            yield Reason("withdrawn", "The sign-off was withdrawn.", "Request a new one if the version is to go on.", facts=facts)
        case "revoked":
            yield Reason("revoked", "The sign-off was revoked.", again, facts=facts)
        case "invalidated" if sign_off.invalidated:
            reason = change_reason(sign_off.invalidated)
            yield Reason("invalidated", reason.detail, reason.resolve, facts={**facts, **reason.facts})
        case "approved" if sign_off.expires_at is None or sign_off.expires_at <= at:
            yield Reason(
                "expired",
                f"The sign-off was valid until {sign_off.expires_at and sign_off.expires_at.isoformat()}.",
                "Request a new one, so that people look at it again.",
                facts=facts,
            )
