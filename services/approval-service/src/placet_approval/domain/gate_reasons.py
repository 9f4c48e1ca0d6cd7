"""Reasons against a deployment, each with what would resolve it.

    about the question      unknown_model, unknown_environment, unknown_version, unknown_digest, ambiguous_digest
    about the policy        no_policy, not_signed_off, awaiting_signatures, rejected, withdrawn, invalidated, expired, revoked,
                            same_bytes_rejected, lineage_missing, lineage_contested, signer_left, plan_outdated,
                            champion_changed, previous_environment_missing, soak_missing, step_open,
                            verification_missing, verification_failed, verification_stale, not_held_out, policy_changed,
                            artifact_changed, retrospective_due, release_incomplete
    about what is known     stale, source_behind, source_restored, source_unreachable, unprocessed_event, history_lost

Only reasons about the policy are softened by a policy's mode. Reasons about what is known mean that nothing was decided.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from placet_approval.domain.artifact_standing import StandingNo
from placet_approval.domain.involvement import Claim
from placet_approval.domain.sign_off_binding import Change

__all__ = ["Reason", "change_reason", "contested_reason", "held_reason", "lineage_missing", "same_bytes_reasons", "source_reason"]

Topic = Literal["question", "policy", "knowledge"]
SourceObstacle = Literal["stale", "source_behind", "source_restored", "source_unreachable", "unprocessed_event"]


@dataclass(frozen=True, slots=True)
class Reason:
    """`code` for programs, `detail` and `resolve` for people, `facts` for both."""

    code: str
    detail: str
    resolve: str
    topic: Topic = "policy"
    facts: Mapping[str, Any] = field(default_factory=dict)


SOURCE_OBSTACLES: dict[SourceObstacle, tuple[str, str]] = {
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
        "{source} does not answer, so it is unknown whether something has changed.",
        "Start {source} or restore the connection to it, then ask again.",
    ),
    "unprocessed_event": (
        "An event of {source} that this decision depends on could not be processed and is parked.",
        "Have an operator look at the parked events of approval-service, repair the cause and resume them.",
    ),
}


def source_reason(code: SourceObstacle, source: str, **facts: Any) -> Reason:
    """A reason why too little is known for a decision."""
    detail, resolve = SOURCE_OBSTACLES[code]
    return Reason(code, detail.format(source=source), resolve.format(source=source), "knowledge", {"source": source, **facts})


def change_reason(change: Change) -> Reason:
    """The reason for a sign-off whose bound facts changed."""
    facts = {"field": change.field, "old": change.old, "new": change.new}
    again = "Request a new sign-off, so that people sign what is there now."
    match change.field:
        case "artifact_sha256":
            return Reason("artifact_changed", f"The sign-off covers the artifact {change.old}, not {change.new}.", again, facts=facts)
        case "policy":
            same = change.old["id"] == change.new["id"] and change.old["version"] != change.new["version"]
            counts = f"version {change.new['version']} counts" if same else "another policy counts for the model"
            detail = f"The sign-off was given under version {change.old['version']} of the policy; {counts} now."
            return Reason("policy_changed", detail, again, facts=facts)
        case "evidence":
            if change.new and "champion" in change.new:
                return _champion_changed(change, facts)
            if change.new and change.new["run_id"] is None:
                return _plan_at_once(change, facts)
            new = f"the verification now has the result {change.new['result_sha256']}" if change.new else "that result is no longer there"
            plan = f" of {change.old['plan']} version {change.old['version']}" if change.old["plan"] else ""
            old = change.old["result_sha256"]
            return Reason("invalidated", f"The sign-off rests on the verification result {old}{plan}; {new}.", again, facts=facts)
        case "excluded":
            return Reason(
                "invalidated",
                "A signer turned out to have had a part in this version.",
                "Request a new sign-off and have it signed by people who had no part in the model.",
                facts=facts,
            )
        case "same_bytes":
            return Reason(
                "same_bytes_rejected",
                "A sign-off of the same bytes was rejected or revoked after this one was requested.",
                "Read why; when the reasons are dealt with, request a new sign-off of this version, which shows that no to those who sign.",
                facts=facts,
            )
        case "release":
            return Reason(
                "release_incomplete",
                f"This version was approved as part of a release, of which another version was {change.new['state']}.",
                "Read why: `placet releases show ID`. Then request a sign-off of this version alone, or another release.",
                facts=facts,
            )
        case "signers":
            return Reason(
                "signer_left",
                "A signer is no longer active or no longer has the role, and the policy asks that signers stay.",
                "Request a new sign-off and have it signed by people who are in office.",
                facts=facts,
            )


def _champion_changed(change: Change, facts: Mapping[str, Any]) -> Reason:
    plan = f"{change.old['plan']} version {change.old['version']}"
    return Reason(
        "champion_changed",
        f"While the sign-off was open the deployed version changed, with which {plan} compares.",
        "Verify the version again and request a new sign-off.",
        facts=facts,
    )


def _plan_at_once(change: Change, facts: Mapping[str, Any]) -> Reason:
    plan = f"{change.new['plan']} version {change.new['version']}"
    rests = f"rests on version {change.old['version']} of it" if change.old else "rests on no verification by it"
    return Reason(
        "plan_outdated",
        f"{plan} takes effect at once for every sign-off, and this one {rests}.",
        "Verify the version by the plan that is in force and request a new sign-off.",
        facts=facts,
    )


def same_bytes_reasons(noes: Sequence[StandingNo]) -> Iterator[Reason]:
    """A no on the bytes, a suspension, or both."""
    if rejected := [no for no in noes if not no.holds]:
        yield _same_bytes_rejected(rejected)
    if held := [no for no in noes if no.holds]:
        yield held_reason(held)


def held_reason(held: Sequence[StandingNo]) -> Reason:
    """An approval of these bytes is suspended, as another version or in another sign-off."""
    last = max(held, key=lambda no: no.at)
    return Reason(
        "same_bytes_suspended",
        f"An approval of the same bytes was suspended at {last.at.isoformat(timespec='seconds')}, and that holds every version.",
        f"Read why: `placet signoff show {last.sign_off_id}`; a person who may sign lets it go on: `placet signoff resume ID -r TEXT`.",
        facts={"noes": [no.content() for no in held]},
    )


def _same_bytes_rejected(noes: Sequence[StandingNo]) -> Reason:
    """These bytes were rejected, as this version or as another one, and no sign-off of this version has answered that."""
    last = max(noes, key=lambda no: no.at)
    return Reason(
        "same_bytes_rejected",
        f"A sign-off of the same bytes was {last.kind} at {last.at.isoformat(timespec='seconds')} and that stands against every version.",
        "Read why; when the reasons are dealt with, request a new sign-off of this version, which shows that no to those who sign.",
        facts={"noes": [no.content() for no in noes]},
    )


def contested_reason(claims: Sequence[Claim], sign_off_id: str) -> Reason:
    """A claim after the approval that a signer had a part in the bytes."""
    return Reason(
        "lineage_contested",
        "After the approval it was claimed that a signer had a part in these bytes.",
        "Have an admin who has no part in them confirm the claim or set it aside: `placet signoff lineage`.",
        facts={"sign_off_id": sign_off_id, "claims": [claim.content() for claim in claims]},
    )


def lineage_missing(environment: str) -> Reason:
    """Without a known trainer no trainer can be excluded from signing."""
    return Reason(
        "lineage_missing",
        f"No person is named as the trainer of these bytes, and the policy for {environment} asks for one.",
        "Add who trained it: `placet versions add-lineage MODEL/NUMBER --trained-by NAME`.",
    )
