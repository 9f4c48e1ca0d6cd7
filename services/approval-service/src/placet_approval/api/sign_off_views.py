"""The response models of `/v1/sign-offs`; the views themselves are `queries.sign_off_views`, under the same names."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from placet_approval.api.people_and_texts import Holder, SaidText
from placet_approval.api.step_views import StepView
from placet_approval.domain.feedback import FeedbackVerdict, IssueState, Severity
from placet_approval.domain.known_sign_off import SignOffState
from placet_approval.domain.policy_terms import Involvement
from placet_approval.domain.sign_off_binding import Bound
from placet_approval.domain.sign_off_phases import Phase

__all__ = [
    "Act",
    "Binds",
    "BoundResult",
    "Claim",
    "ConditionView",
    "Evidence",
    "GivenFeedback",
    "GroupProgress",
    "Holder",
    "Invalidation",
    "IssueView",
    "PossibleSigner",
    "SaidText",
    "SameBytes",
    "SignOffSummary",
    "SignOffView",
    "Signature",
    "StandingNo",
    "TermProgress",
]

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class TermProgress(BaseModel):
    """`have` of `need` people have signed in one of the roles."""

    any_of: list[str] = Field(description="Roles, one of which a signer must hold.", examples=[["risk-officer"]])
    have: int = Field(description="How many have signed.")
    need: int = Field(description="How many must.")


class SignOffSummary(BaseModel):
    """A sign-off in short."""

    id: str = Field(description="Of the sign-off.")
    state: SignOffState = Field(description="`pending` until people have decided; see also `expired`.")
    expired: bool = Field(description="Whether an approved sign-off is no longer valid, as of this answer.")
    model_id: str = Field(description="The model's id.")
    model: str | None = Field(description="The model's name; null when it is not known here yet.", examples=["fraud"])
    version_id: str = Field(description="The version's id.")
    number: int | None = Field(description="The version's number; null when it is not known here yet.", examples=[7])
    environment: str = Field(description="Where the version is to go.", examples=["prod"])
    requester: Holder = Field(description="Who asked for it, and can't sign it.")
    have: int = Field(description="Signatures that count, in all terms together.", examples=[1])
    need: int = Field(description="Signatures that the policy asks for.", examples=[2])
    progress: list[TermProgress] = Field(description="By term of the policy.")
    requested_at: datetime = Field(description="When the request was recorded.")
    changed_at: datetime = Field(description="When the last act was recorded.")
    expires_at: datetime | None = Field(description="Until when the yes is valid; null until it is approved.")
    phase: Phase | None = Field(description="What a pending sign-off waits for; null for one that is not pending.")
    round: int = Field(description="1, and one more with each new round.", examples=[1])
    ends_at: datetime | None = Field(description="Until when people may decide; null: for as long as it takes.")
    release_id: str | None = Field(description="The release that it is part of, which is signed as one; null: none.")


class GroupProgress(BaseModel):
    """`have` of `need` people of the group have answered in this round."""

    group: str = Field(examples=["operations"])
    any_of: list[str] = Field(description="Each person who answers has one of these roles.", examples=[["sre"]])
    have: int = Field(examples=[0])
    need: int = Field(examples=[1])


class GivenFeedback(BaseModel):
    """A person's newest answer for a group in this round."""

    by: Holder
    group: str = Field(examples=["operations"])
    role: str = Field(examples=["sre"])
    verdict: FeedbackVerdict
    attachments: list[str] = Field(description="Digests of files.")
    counts: bool = Field(description="False while its author is not active or does not hold the role.")


class IssueView(BaseModel):
    """What a group found."""

    id: str = Field(examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])
    group: str = Field(examples=["operations"])
    severity: Severity
    state: IssueState
    raised_by: Holder | None = Field(description="Null for what a verification found.")
    waived_until: datetime | None
    holds: bool = Field(description="Whether it holds the approval now: a major one that is neither resolved nor waived.")
    carried_from: str | None = Field(description="The earlier sign-off of the same bytes in which it was raised; null: this one.")
    finding: str | None = Field(
        description="Plan and check, where a verification found it; null where a person did.", examples=["prod/auc"]
    )
    said: SaidText | None


class ConditionView(BaseModel):
    """What the owner must do before it is due, for the approval to stay valid."""

    id: str = Field(examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])
    set_by: Holder
    owner: Holder
    due_at: datetime
    met: bool
    said: SaidText | None


class BoundResult(BaseModel):
    """The result of one run, by one version of a plan; the plan is null in what was bound before plans stood here."""

    plan_id: str | None = Field(description="Of the plan.")
    plan: str | None = Field(description="Its name.", examples=["prod-checks"])
    version: int | None = Field(description="Of the plan.", examples=[2])
    sha256: str | None = Field(description="Digest of the plan version.")
    run_id: str = Field(description="The run whose result it is.")
    result_sha256: str = Field(description="Digest of the verification result.", examples=[DIGEST])


class Binds(BaseModel):
    """What people agree to; when one of these changes, the sign-off is invalidated."""

    artifact_sha256: str = Field(description="SHA-256 of the version's bytes.", examples=[DIGEST])
    evidence: list[BoundResult] = Field(description="One for each plan that was in force when it was requested.")
    policy: dict[str, Any] = Field(
        description="Id, version and digest of the policy that it was requested under.",
        examples=[{"id": "0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c10", "version": 3, "sha256": DIGEST}],
    )


class Evidence(BaseModel):
    """The newest verification run by the plan version and with the result that the sign-off is bound to."""

    run_id: str = Field(description="Of the run.")
    plan: str = Field(description="The plan's name.")
    plan_version: int = Field(description="The plan's version.")
    passed: bool = Field(description="Whether all blocking checks were met.")
    result_sha256: str = Field(description="Digest of the run's result.")
    finished_at: datetime = Field(description="When the run ended.")
    dataset_sha256: str | None = Field(description="The data that the model was measured on; null where the plan does not run it.")
    held_out: bool | None = Field(
        description="False when the lineage of a version with the same bytes names these data as training data by now, also if it did not "
        "when the run was made; null without data."
    )


class SameBytes(BaseModel):
    """A version with exactly the same bytes, of this or another model: a person with a part in any of them can't sign."""

    version_id: str = Field(description="The version's id.")
    model_id: str = Field(description="The model's id.")
    model: str | None = Field(description="The model's name; null when it is not known here yet.", examples=["fraud"])
    number: int = Field(description="The version's number.", examples=[7])


class StandingNo(BaseModel):
    """A sign-off of the same bytes for the same environment that was rejected or revoked: when, by whom, about which version, and why."""

    sign_off_id: str = Field(description="The sign-off that ended so.")
    kind: Literal["rejected", "revoked", "suspended"] = Field(description="How it ended, or that it is held.")
    version_id: str = Field(description="The version that it was about.")
    model_id: str = Field(description="The model of that version.")
    model: str | None = Field(description="The model's name; null when it is not known here yet.")
    number: int | None = Field(description="The number of that version; null when it is not known here yet.")
    by: Holder = Field(description="Who decided it.")
    at: datetime = Field(description="When it was recorded.")
    said: SaidText | None = Field(description="The rationale; null when none was given.")
    answered: bool = Field(description="Whether it stood when this sign-off was requested; a later one stands against it.")


class Claim(BaseModel):
    """`person_id` had a part in the bytes, says `claimed_by`."""

    person_id: str = Field(description="Who had the part.")
    because: Involvement = Field(description="Which part.")
    claimed_by: str = Field(description="Id of who says so.")


class Signature(BaseModel):
    """A signature."""

    by: Holder = Field(description="The signer.")
    role: str = Field(description="In which role.")
    counts: bool = Field(
        description="False while its signer is not active or does not hold the role, before the quorum is complete; one in another "
        "person's place also when that person is not active or does not hold the role, or when the delegation was ended."
    )
    on_behalf_of: Holder | None = Field(description="The person in whose place it was given.")
    delegation_id: str | None = Field(description="The delegation under which it was given.")


class Act(BaseModel):
    """An act or a comment."""

    act: Literal[
        "requested",
        "approved",
        "approval_revoked",
        "rejected",
        "withdrawn",
        "revoked",
        "invalidated",
        "commented",
        "lineage_contested",
        "lineage_confirmed",
        "lineage_set_aside",
        "feedback_approve",
        "feedback_minor_issue",
        "feedback_major_issue",
        "issue_resolved",
        "issue_waived",
        "changes_requested",
        "reset",
        "condition_set",
        "condition_met",
        "suspended",
        "resumed",
        "expired",
        "reminded",
        "escalated",
        "review_due",
        "lineage_contested",
        "lineage_confirmed",
        "lineage_set_aside",
        "reassigned",
    ] = Field(description="What was done.")
    by: Holder = Field(description="Who did it; `system:approval` for what Placet does by itself.")
    on_behalf_of: Holder | None = Field(description="The person in whose place a signature or a rejection was given.")
    role: str | None = Field(description="The role of a signature; null for other acts.")
    token_issuers: list[Holder] = Field(
        description="People who issued the token that was used for a request or a signature, and could have acted with it."
    )
    at: datetime = Field(description="When it was recorded.")
    said: SaidText | None = Field(description="The rationale or the comment; null without one.")


class PossibleSigner(BaseModel):
    """A person who could sign now, in their own name or in another person's place."""

    person: Holder
    roles: list[str] = Field(examples=[["risk-officer"]])
    on_behalf_of: Holder | None = Field(description="In whose place, by a delegation or a reassignment.")
    absent: bool = Field(description="Whether the person is absent, as was stated.")
    back_at: datetime | None = Field(description="Until when; null where nothing was said of it.")


class Invalidation(BaseModel):
    """What changed, from what to what."""

    field: Bound = Field(description="Which of what it binds.")
    old: Any = Field(description="What was signed.")
    new: Any = Field(description="What it is instead.")


class SignOffView(SignOffSummary):
    """A sign-off with all that signers need for their decision."""

    binds: Binds = Field(description="What people agree to.")
    evidence: list[Evidence] = Field(description="Empty when no verification was there, which the policy then did not ask for.")
    signatures: list[Signature] = Field(description="Those that were given and not taken back.")
    excluded: dict[str, list[Involvement]] = Field(description="Who can't sign, by id, and why; for all versions with these bytes.")
    same_bytes: list[SameBytes] = Field(description="Other versions with the same bytes, the newest hundred.")
    same_bytes_in_all: int = Field(description="How many other versions have these bytes.")
    noes: list[StandingNo] = Field(description="Noes on the same bytes for this environment, the newest hundred.")
    contested: list[Claim] = Field(
        description="Claims about its signers that came after the approval; until an admin decides on them the gate denies."
    )
    invalidated: Invalidation | None = Field(description="What changed; null while it is as it was signed.")
    can_sign: list[PossibleSigner] = Field(
        description="Who could sign one that is open, at most a hundred. Whether the token that they use allows it is seen when they do."
    )
    acts: list[Act] = Field(description="All acts and comments, in order, of all rounds.")
    groups: list[GroupProgress] = Field(description="Groups that answer before people sign.")
    feedback: list[GivenFeedback] = Field(description="The newest answer of each person for a group, in this round.")
    issues: list[IssueView] = Field(description="Of all rounds.")
    conditions: list[ConditionView] = Field(description="On which its signers agreed, each with whether it is met.")
    in_sequence: bool = Field(description="Whether signatures are given in the order of `progress`.")
    steps: list[StepView] = Field(description="The steps of the environment's policy; none where it has none.")
    version_of_stream: int = Field(description="The ETag of this answer; send it as `If-Match` to decide on exactly what you have seen.")
