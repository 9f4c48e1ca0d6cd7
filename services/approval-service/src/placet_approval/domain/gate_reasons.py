"""Why a deployment may not go on: each reason says what is so and what would resolve it.

    about the question      unknown_model, unknown_environment, unknown_version, unknown_digest, ambiguous_digest
    about the policy        no_policy, not_signed_off, awaiting_signatures, rejected, withdrawn, invalidated, expired, revoked,
                            verification_missing, verification_failed, verification_stale, policy_changed, artifact_changed
    about what is known     stale, source_behind, source_restored, source_unreachable, unprocessed_event

Only reasons about the policy are softened by a policy's mode. Reasons about what is known mean that nothing was decided.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from placet_approval.domain.policy_terms import EvidenceTerms
from placet_approval.domain.sign_off_binding import Change, age_of
from placet_approval.domain.subjects import Verification

__all__ = ["Reason", "change_reason", "evidence_reason", "source_reason"]

Topic = Literal["question", "policy", "knowledge"]
SourceTrouble = Literal["stale", "source_behind", "source_restored", "source_unreachable", "unprocessed_event"]


@dataclass(frozen=True, slots=True)
class Reason:
    """`code` for programs, `detail` and `resolve` for people, `facts` for both."""

    code: str
    detail: str
    resolve: str
    topic: Topic = "policy"
    facts: Mapping[str, Any] = field(default_factory=dict)


SOURCE_TROUBLES: dict[SourceTrouble, tuple[str, str]] = {
    "stale": (
        "Not everything that {source} has recorded has arrived here yet.",
        "Ask again in a moment; if it stays so, look at the lag of {source} and at the log of approval-service.",
    ),
    "source_behind": (
        "{source} answers with a position that lies before what was seen of it: it may have lost events.",
        "Have an operator check whether {source} runs on an old copy of its database.",
    ),
    "source_restored": (
        "{source} was restored and has begun a new epoch; what is known of it is being read again.",
        "Wait until the new epoch has been read, then ask again.",
    ),
    "source_unreachable": (
        "{source} does not answer, so nobody can tell whether something has changed.",
        "Start {source} or restore the connection to it, then ask again.",
    ),
    "unprocessed_event": (
        "An event of {source} that this decision depends on could not be processed and is parked.",
        "Have an operator look at the parked events of approval-service, repair the cause and resume them.",
    ),
}


def source_reason(code: SourceTrouble, source: str, **facts: Any) -> Reason:
    """Something is not known well enough to decide."""
    detail, resolve = SOURCE_TROUBLES[code]
    return Reason(code, detail.format(source=source), resolve.format(source=source), "knowledge", {"source": source, **facts})


def evidence_reason(terms: EvidenceTerms | None, run: Verification | None, environment: str, at: datetime) -> Reason | None:
    """What is wrong with the evidence that a policy asks for, or None."""
    if terms is None:
        return None
    plan = f" by the plan {terms.plan}" if terms.plan else ""
    if run is None:
        return Reason(
            "verification_missing",
            f"The policy for {environment} asks for a verification{plan}, and this version has none.",
            f"Run a verification of this version for {environment}{plan}.",
        )
    if not run.passed:
        return Reason(
            "verification_failed",
            f"The last verification{plan} of this version for {environment} did not pass.",
            "Read the report, register a version that is better, or run the verification again if its failure was not the model's.",
            facts={"run_id": run.run_id, "result_sha256": run.result_sha256},
        )
    if age_of(run, at) > terms.max_age.total_seconds():
        return Reason(
            "verification_stale",
            f"The verification of this version ended {_days(age_of(run, at))} ago; the policy for {environment} "
            f"accepts {_days(terms.max_age.total_seconds())}.",
            "Run it again: the same result renews the evidence, and the sign-off stays.",
            facts={"run_id": run.run_id, "finished_at": run.finished_at.isoformat()},
        )
    return None


def change_reason(change: Change) -> Reason:
    """A sign-off that no longer covers how things are, in words."""
    facts = {"field": change.field, "old": change.old, "new": change.new}
    again = "Request a new sign-off, so that people agree to what is there now."
    match change.field:
        case "artifact_sha256":
            return Reason("artifact_changed", f"The sign-off covers the artifact {change.old}, not {change.new}.", again, facts=facts)
        case "policy":
            return Reason(
                "policy_changed",
                f"The sign-off was given under version {change.old['version']} of the policy; version {change.new['version']} counts now.",
                again,
                facts=facts,
            )
        case "result_sha256":
            new = f"the verification now has the result {change.new}" if change.new else "that result is no longer there"
            return Reason("invalidated", f"The sign-off rests on the verification result {change.old}; {new}.", again, facts=facts)
        case "excluded":
            return Reason(
                "invalidated",
                "Somebody who signed turned out to have had a hand in this version.",
                "Request a new sign-off and have it signed by people who had no part in the model.",
                facts=facts,
            )


def _days(seconds: float) -> str:
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'s' if count > 1 else ''}"
    return f"{int(seconds)} seconds"
