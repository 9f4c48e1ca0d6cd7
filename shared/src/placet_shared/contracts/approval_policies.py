"""The event about policies, and the terms of one: the `data` that approval-service publishes, by event type.

Its subject is the policy.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from placet_shared.contracts import EventData, TextCommitment

__all__ = [
    "POLICY_EVENTS",
    "BoundPolicy",
    "EvidenceTerms",
    "FeedbackTerm",
    "Involvement",
    "Mode",
    "PolicyDefined",
    "PolicyReference",
    "Role",
    "SeparationOfDuties",
    "Sha256",
    "SignatureTerm",
]

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Role = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
Involvement = Literal["requester", "registrar", "trainer", "data_preparer"]
Mode = Literal["prevent", "warn", "allow"]
TakesEffect = Literal["next", "at-renewal", "immediately"]


def _is_none(value: object) -> bool:
    return value is None


class SignatureTerm(EventData):
    """So many signatures by distinct people, each in one of the roles."""

    any_of: list[Role]
    count: Annotated[int, Field(ge=1)]


class VerificationTerms(EventData):
    """A passed verification, by the named plan if there is one, not older than that."""

    plan: str | None
    max_age_seconds: Annotated[int, Field(ge=1)]
    held_out: Annotated[Literal["required"] | None, Field(exclude_if=_is_none, description="left out: optional")] = None


class EvidenceTerms(EventData):
    """What must be there before people are asked."""

    verification: VerificationTerms | None


class SeparationOfDuties(EventData):
    """Which people can't sign."""

    exclude: list[Involvement]


class FeedbackTerm(EventData):
    """Before people sign, so many people of the group answer, each in one of the roles."""

    group: str
    any_of: list[Role]
    count: Annotated[int, Field(ge=1)]


class WaiverTerms(EventData):
    """People with one of these roles may waive an issue, for at most so long."""

    any_of: list[Role]
    for_at_most_seconds: Annotated[int, Field(ge=1)]


class WorkingDays(EventData):
    """The calendar of deadlines: days of the week without holidays (ISO 8601 dates), in a time zone (IANA name)."""

    working_days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]]
    holidays: list[str]
    time_zone: str


class DeadlineTerms(EventData):
    """How long after its request an open sign-off is brought to mind, goes to a role, and ends; in time of working days."""

    remind_after_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none, description="left out: never")] = None
    escalate_after_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none, description="left out: never")] = None
    expire_after_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none, description="left out: never")] = None
    escalate_to: Annotated[Role | None, Field(exclude_if=_is_none)] = None
    calendar: Annotated[WorkingDays | None, Field(exclude_if=_is_none, description="left out: every day, UTC")] = None


class BreakGlassTerms(EventData):
    """People with one of the roles may let a version in without a yes, at most so long."""

    roles: list[Role]
    for_at_most_seconds: Annotated[int, Field(ge=1)]
    overrides_rejection: Annotated[Literal[True] | None, Field(exclude_if=_is_none, description="left out: false")] = None


class SelectedModels(EventData):
    """Ids, names and patterns of models, and governance tags with their values; one that fits is enough."""

    models: Annotated[list[str] | None, Field(exclude_if=_is_none)] = None
    tags: Annotated[dict[str, str] | None, Field(exclude_if=_is_none)] = None


class StepCompletion(EventData):
    """What completes a step: a fact that the service knows, or a person with the role; one of both is left out."""

    event: Annotated[
        Literal["registered", "lineage", "verified", "requested", "feedback", "signed_off", "deployed", "soaked"] | None,
        Field(exclude_if=_is_none),
    ] = None
    role: Annotated[Role | None, Field(exclude_if=_is_none)] = None


class StepTerm(EventData):
    """A step on the way to the environment; `owner` is the role that answers for it."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
    owner: Role
    completed_by: StepCompletion
    due_after_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none, description="left out: it may take any time")] = None


class PolicyContent(EventData):
    """A policy's terms, normalised, and for which models they are."""

    model_config = ConfigDict(serialize_by_alias=True)

    environment: str
    mode: Mode
    signatures: list[SignatureTerm]
    evidence: EvidenceTerms
    separation_of_duties: SeparationOfDuties
    expires_after_seconds: Annotated[int, Field(ge=1)]
    rationale: Literal["required", "optional"]
    lineage: Annotated[Literal["optional"] | None, Field(exclude_if=_is_none, description="left out: required")] = None
    signers_must_stay: Annotated[Literal[True] | None, Field(exclude_if=_is_none, description="left out: false")] = None
    decision_valid_for_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none, description="left out: 900 (15 minutes)")] = None
    feedback: Annotated[list[FeedbackTerm] | None, Field(exclude_if=_is_none, description="left out: none is asked for")] = None
    in_sequence: Annotated[Literal[True] | None, Field(exclude_if=_is_none, description="left out: signatures in any order")] = None
    waivers: Annotated[WaiverTerms | None, Field(exclude_if=_is_none, description="left out: no issue can be waived")] = None
    deadlines: Annotated[DeadlineTerms | None, Field(exclude_if=_is_none, description="left out: none")] = None
    review_before_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none, description="left out: no review is asked for")] = None
    findings: Annotated[Literal["held"] | None, Field(exclude_if=_is_none, description="left out: shown, and holding nothing")] = None
    owner: Annotated[Role | None, Field(exclude_if=_is_none, description="left out: no person reassigns sign-offs")] = None
    when_a_yes_ends: Annotated[
        Literal["drain", "shadow", "roll_back"] | None, Field(exclude_if=_is_none, description="left out: alert")
    ] = None
    break_glass: Annotated[BreakGlassTerms | None, Field(exclude_if=_is_none, description="left out: no person may")] = None
    previous_environment: Annotated[Literal["required"] | None, Field(exclude_if=_is_none, description="left out: optional")] = None
    soak_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none, description="left out: none")] = None
    name: Annotated[str | None, Field(exclude_if=_is_none, description="left out: the environment's own policy")] = None
    selected: Annotated[SelectedModels | None, Field(alias="for", exclude_if=_is_none, description="left out: every model")] = None
    steps: Annotated[list[StepTerm] | None, Field(exclude_if=_is_none, description="left out: none")] = None


class PolicyReference(EventData):
    """One immutable version of a policy."""

    id: str
    version: Annotated[int, Field(ge=1)]
    sha256: Sha256


class BoundPolicy(PolicyReference):
    """A version of a policy, raised by versions of others: floors, equally specific ones, and those that the bytes brought along."""

    raised_by: Annotated[list[PolicyReference] | None, Field(exclude_if=_is_none, description="left out: it stands alone")] = None


class PolicyDefined(EventData):
    """A version of a policy. `name` null is its environment's own, for every model that no other one selects. `takes_effect`: `next`, it
    counts for sign-offs that are requested from here on; `at-renewal`, for those of a model that has no approval from before any more;
    `immediately`, for all, so that those bound to a version before end. Fields of `content` that are newer than version 1 are left out
    where they have their default, so that a release changes no digest."""

    SCHEMA_VERSION: ClassVar[int] = 5

    policy_id: str
    environment: str
    name: str | None
    version: Annotated[int, Field(ge=1)]
    sha256: Annotated[Sha256, Field(description="SHA-256 of `content` as sorted compact JSON")]
    mode: Mode
    takes_effect: TakesEffect
    content: PolicyContent


class FloorEvidence(EventData):
    """What must have been verified at least."""

    verification: VerificationTerms


class FloorContent(EventData):
    """What every policy asks for at least, normalised; what is left out is left to the policies."""

    model_config = ConfigDict(serialize_by_alias=True)

    environment: str
    name: str
    selected: Annotated[SelectedModels | None, Field(alias="for", exclude_if=_is_none, description="left out: every model")] = None
    mode: Annotated[Mode | None, Field(exclude_if=_is_none)] = None
    signatures: Annotated[list[SignatureTerm] | None, Field(exclude_if=_is_none)] = None
    evidence: Annotated[FloorEvidence | None, Field(exclude_if=_is_none)] = None
    separation_of_duties: Annotated[SeparationOfDuties | None, Field(exclude_if=_is_none)] = None
    expires_after_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none)] = None
    decision_valid_for_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none)] = None
    rationale: Annotated[Literal["required"] | None, Field(exclude_if=_is_none)] = None
    lineage: Annotated[Literal["required"] | None, Field(exclude_if=_is_none)] = None
    signers_must_stay: Annotated[Literal[True] | None, Field(exclude_if=_is_none)] = None
    feedback: Annotated[list[FeedbackTerm] | None, Field(exclude_if=_is_none)] = None
    previous_environment: Annotated[Literal["required"] | None, Field(exclude_if=_is_none)] = None
    soak_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none)] = None


class FloorDefined(EventData):
    """A version of a floor: of each policy that is in force for a model that it selects, the stricter of both counts."""

    policy_id: str
    environment: str
    name: str
    version: Annotated[int, Field(ge=1)]
    sha256: Annotated[Sha256, Field(description="SHA-256 of `content` as sorted compact JSON")]
    takes_effect: TakesEffect
    content: FloorContent


class PolicyWithdrawn(EventData):
    """A policy for some models, or a floor, counts for no request from here on; sign-offs that are bound to it stay so."""

    policy_id: str
    environment: str
    name: str
    version: Annotated[int, Field(ge=1, description="the last that counted")]
    reason: TextCommitment


POLICY_EVENTS: dict[str, type[EventData]] = {model.__name__: model for model in (PolicyDefined, FloorDefined, PolicyWithdrawn)}
