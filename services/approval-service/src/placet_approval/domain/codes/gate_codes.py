"""What the gate's reasons mean; the same reasons refuse a request for a sign-off or a signature that would come to nothing."""

from placet_shared.explained_codes import explained

__all__ = ["GATE_CODES"]

_QUESTION = {
    "unknown_model": ("There is no model of this name or id.", "Check the name: `placet models list`; or register it: `placet register`."),
    "unknown_environment": (
        "There is no environment of this name.",
        "Check the name: `placet environments list`; an admin defines one: `placet environments define NAME`.",
    ),
    "unknown_version": ("The model has no such version.", "See its versions: `placet versions list MODEL`."),
    "unknown_digest": (
        "No version has exactly these bytes, or the version that is named has others.",
        "Deploy the bytes that were registered, or register these, then verify the version and have it signed off.",
    ),
    "ambiguous_digest": (
        "Several models have a version with these bytes, and each has sign-offs of its own.",
        "Name the model in the question: `placet gate MODEL/NUMBER -e ENVIRONMENT`.",
    ),
}
_SIGN_OFF = {
    "no_policy": (
        "No policy says what the environment asks for, and the default is no.",
        "Have an admin define one: `placet apply -f policy.yaml`.",
    ),
    "not_signed_off": (
        "The policy asks for signatures, and no sign-off of this version was requested for the environment.",
        "Request one: `placet signoff request MODEL/NUMBER -e ENVIRONMENT`.",
    ),
    "awaiting_signatures": (
        "A sign-off is open, and fewer people have signed than the policy asks for. Each person counts once, in one role.",
        "Ask people with the missing roles to look: `placet signoff show ID`. A pipeline waits: `placet wait MODEL/NUMBER -e ENVIRONMENT`.",
    ),
    "awaiting_feedback": (
        "The policy asks groups for feedback before people sign, and not all have answered.",
        "Ask people of the groups that are named: `placet signoff feedback ID --group GROUP --verdict approve`.",
    ),
    "issue_open": (
        "A group raised a major issue, which holds the approval until it is resolved or waived.",
        "Read it: `placet signoff show ID`. Its group says that it is resolved: `placet signoff resolve ID --issue ISSUE -r TEXT`.",
    ),
    "changes_requested": (
        "A reviewer asked for changes; nothing is signed until a new round begins.",
        "Make them; then the requester of the sign-off begins a new round: `placet signoff reset ID -r TEXT`.",
    ),
    "timed_out": (
        "People did not decide in the time that the policy gives them, which is never a yes.",
        "Its requester begins a new round, `placet signoff reset ID`, or requests another sign-off.",
    ),
    "suspended": (
        "The sign-off was approved, and a person holds it.",
        "Read why: `placet signoff show ID`. A person who may sign lets it go on: `placet signoff resume ID -r TEXT`.",
    ),
    "same_bytes_suspended": (
        "An approval of the same bytes, as another version, model or sign-off, is suspended, which holds them all.",
        "Read why: `placet signoff show ID`. A person who may sign lets it go on: `placet signoff resume ID -r TEXT`.",
    ),
    "condition_missed": (
        "The sign-off was approved on a condition that was not met in time, or its condition passed before all had signed.",
        "Meet what was asked for, `placet signoff show ID`, then request a new sign-off.",
    ),
    "waiver_ended": (
        "An issue was waived for a time that is over.",
        "Have the issue dealt with, and request a new sign-off.",
    ),
    "rejected": (
        "A person with a say rejected the sign-off; one no is enough.",
        "Read why: `placet signoff show ID`. When the reasons are dealt with, request a new sign-off.",
    ),
    "withdrawn": ("The sign-off was withdrawn by its requester or an admin.", "Request a new one if the version is still to be deployed."),
    "revoked": (
        "The sign-off was approved and later revoked: a signer, or an admin, took it back.",
        "Read why: `placet signoff show ID`. When the reasons are dealt with, request a new sign-off.",
    ),
    "invalidated": (
        "Something that people signed for has changed since: a sign-off covers bytes, evidence and the version of the policy.",
        "See what changed: `placet signoff show ID`; then request a new sign-off.",
    ),
    "expired": ("The sign-off was approved, and its time is over.", "Request a new one, so that people look at it again."),
    "policy_changed": (
        "A newer version of the policy takes effect for sign-offs that exist, and this one was given under an older version.",
        "Request a new sign-off, so that people sign under the policy of now.",
    ),
    "artifact_changed": (
        "The version's bytes are not those that people signed for.",
        "Request a new sign-off, so that people sign what is there now.",
    ),
    "same_bytes_rejected": (
        "A sign-off of the same bytes was rejected or revoked, as this version or as another one, and that no stands against all of them.",
        "Read why: `placet signoff list`. When that is dealt with, request a new sign-off, which shows that no to those who sign.",
    ),
    "release_incomplete": (
        "The version was approved as part of a release, and another version of that release has no yes any more.",
        "See which and why: `placet releases show ID`. Request another release, or a sign-off of this version alone.",
    ),
    "lineage_missing": (
        "The policy asks that a trainer is named, since who trained a model may not approve it, and none is.",
        "Add who trained it: `placet versions add-lineage MODEL/NUMBER --trained-by NAME`.",
    ),
    "lineage_contested": (
        "After the approval it was claimed that one of the signers had a part in these bytes.",
        "Have an admin without a part in them confirm it or set it aside, `placet signoff lineage ID --verdict set_aside -r TEXT`.",
    ),
    "retrospective_due": (
        "A break-glass let this model or these bytes into the environment, and its review is not signed: a debt blocks the next promotion.",
        "Have people who had no part in it review it: `placet debts list`, then `placet debts review ID --review TEXT`.",
    ),
    "signer_left": (
        "A signer is no longer active or no longer has the role, and the policy asks that signers stay.",
        "Request a new sign-off, and have it signed by people who hold the roles now.",
    ),
}
_BEFORE = {
    "step_open": (
        "The policy has steps that people complete before the version is signed off or deployed, and one is not complete for these bytes: "
        "it was never completed, was reopened, or was completed by a person who has a part in them.",
        "See who can complete it: `placet steps list MODEL/NUMBER -e ENV`; then `placet steps complete MODEL/NUMBER STEP -e ENV -c TEXT`.",
    ),
    "previous_environment_missing": (
        "The policy asks that the same bytes have an approval in force in the environment before, and they have none: it was never given, "
        "has ended, or the bytes were rejected there.",
        "Have them signed off there first: `placet signoff request MODEL/NUMBER -e ENVIRONMENT`, with the environment that is named.",
    ),
    "soak_missing": (
        "The policy asks that the same bytes were deployed in the environment before for some time, and they were not for so long.",
        "Deploy them there and report it, `placet deploy MODEL/NUMBER -e ENVIRONMENT`; ask again when the time is over.",
    ),
}
_EVIDENCE = {
    "verification_missing": (
        "The policy asks for a verification, and this version has none by a plan in force; or no plan is in force for the model.",
        "Verify it: `placet verify MODEL/NUMBER -e ENVIRONMENT`. See the plans: `placet plans for MODEL -e ENVIRONMENT`.",
    ),
    "verification_failed": (
        "The last verification of this version by a plan in force did not pass.",
        "Read the report: `placet runs show ID`; register a version that is better, or verify again if the failure was not the model's.",
    ),
    "verification_stale": (
        "The verification is older than the policy accepts.",
        "Run it again: `placet verify MODEL/NUMBER -e ENVIRONMENT`. The same result renews the evidence, and the sign-off stays.",
    ),
    "plan_outdated": (
        "The verification was by another version of the plan than the one that is in force.",
        "Verify by the plan in force: `placet verify MODEL/NUMBER -e ENVIRONMENT`; then request a sign-off on that.",
    ),
    "not_held_out": (
        "The policy asks for held-out data, and the lineage of these bytes names the data that they were verified on as training data.",
        "Verify on data that were not trained on: have an admin name others in the plan, then `placet verify MODEL/NUMBER -e ENVIRONMENT`.",
    ),
    "champion_changed": (
        "The verification compared this version with one that is not the deployed one any more.",
        "Verify again, which compares with what is deployed now; then request a sign-off on that.",
    ),
}
_KNOWLEDGE = {
    "stale": (
        "Not everything that another service has recorded has arrived yet, so nothing was decided.",
        "Ask again in a moment; if it lasts, see `placet status` and the lag of the service that is named.",
    ),
    "source_behind": (
        "A service answers with a position before what was seen of it: it may have lost events.",
        "Have an operator check whether it runs on an old copy of its database.",
    ),
    "source_restored": (
        "A service was restored from a copy, and what is known of it is being read again.",
        "Wait until that is done, then ask again.",
    ),
    "source_unreachable": (
        "A service does not answer, so it is unknown whether something has changed; nothing was decided.",
        "See `placet status`; start the service or restore the connection to it, then ask again.",
    ),
    "unprocessed_event": (
        "An event that this decision depends on could not be processed, and is parked.",
        "Have an operator look: `placet parked list`; repair the cause, and have it tried again: `placet parked retry`.",
    ),
    "history_lost": (
        "approval-service was restored from a copy and lost acts that may concern this decision, such as a revocation.",
        "Have an admin review what was lost, `placet restore show`, and apply it, `placet restore apply`; then ask again.",
    ),
}
_RECORDED = {
    "denied": ("The recorded decision was a no.", "Ask the gate again when its reasons are dealt with."),
    "decision_superseded": (
        "The gate would say yes now, by another version, sign-off or policy than the one that the recorded decision rests on.",
        "Ask the gate again for a decision of now.",
    ),
    "decision_expired": (
        "The recorded decision may not be used any more: its time is over.",
        "Ask the gate again, and deploy within its time.",
    ),
}

GATE_CODES = (
    *explained("gate", "docs/pipelines.md", {**_QUESTION, **_SIGN_OFF}),
    *explained("gate", "docs/promotion.md", _BEFORE),
    *explained("gate", "docs/verification.md", _EVIDENCE),
    *explained("gate", "docs/consistency.md", _KNOWLEDGE),
    *explained("gate", "docs/pipelines.md", _RECORDED),
)
