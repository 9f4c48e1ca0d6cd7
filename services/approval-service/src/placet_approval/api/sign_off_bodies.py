"""Bodies of requests to `/v1/sign-offs`, and results of its commands."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from placet_approval.domain.feedback import FeedbackVerdict
from placet_approval.domain.known_sign_off import SignOffState
from placet_approval.domain.roles import ROLE_LENGTH, ROLE_PATTERN
from placet_approval.domain.sign_off import ContestVerdict, RejectionScope
from placet_shared.web.timestamps import Timestamp

__all__ = [
    "ApprovalBody",
    "CommentBody",
    "FeedbackBody",
    "LineageBody",
    "ReasonBody",
    "ReassignmentBody",
    "RejectionBody",
    "RequestedSignOff",
    "ResetBody",
    "RevocationBody",
    "SignOffProgress",
    "SignOffRequest",
    "WaiverBody",
    "WithdrawalBody",
]

Text = Annotated[str, Field(min_length=1, max_length=20_000, pattern=r"\S")]
Rationale = Annotated[Text, Field(examples=["AUC and calibration hold on the December data; the drop for new customers is explained."])]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$", max_length=64)]
Role = Annotated[str, Field(pattern=f"^{ROLE_PATTERN}$", max_length=ROLE_LENGTH, examples=["risk-officer"])]


OnBehalfOf = Annotated[
    str | None,
    Field(
        max_length=100,
        description="Id or name of the person in whose place you act, by a delegation; not needed when you have no role of your own and "
        "can act for one person only.",
        examples=["carol"],
    ),
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignOffRequest(_Body):
    """The version, named by id or by model and number, the environment and the reason."""

    environment: str = Field(description="Where the version is to go.", max_length=63, examples=["prod"])
    version_id: str | None = Field(None, description="The version's id, or else `model` and `number`.", max_length=36)
    model: str | None = Field(None, max_length=200, description="Id or name.", examples=["fraud"])
    number: int | None = Field(None, description="The version's number.", ge=1, le=2**31 - 1, examples=[7])
    rationale: Rationale | None = Field(None, description="Why it should go there; the policy may require one.")

    @model_validator(mode="after")
    def _names_a_version(self) -> Self:
        by_number = self.model is not None and self.number is not None
        if (self.version_id is not None) == by_number or (self.version_id and (self.model or self.number)):
            raise ValueError("name the version by `version_id`, or by `model` and `number`")
        return self


class NewCondition(_Body):
    """What a person must do, and by when, for the approval to stay valid."""

    owner: str = Field(max_length=200, description="Id or name of the person who must do it.", examples=["alice"])
    due_at: Timestamp = Field(description="Until when it must be met; not after the end of the approval.")
    condition: Text = Field(examples=["Show the calibration on the January data."])


class ApprovalBody(_Body):
    """The role of the signature, its rationale, and conditions on which you sign."""

    rationale: Rationale | None = Field(None, description="What you looked at and why it is good enough; the policy may require one.")
    role: Role | None = Field(None, description="Only needed when you have several of the roles that are still asked for.")
    on_behalf_of: OnBehalfOf = None
    conditions: list[NewCondition] = Field(
        default_factory=list, max_length=10, description="An approval with a condition that is not met in time is valid no longer."
    )


class FeedbackBody(_Body):
    """The answer of a group that the policy asks before people sign."""

    group: str = Field(pattern=f"^{ROLE_PATTERN}$", max_length=ROLE_LENGTH, examples=["risk"])
    verdict: FeedbackVerdict = Field(description="A minor or major issue needs a comment; a major one holds the approval.")
    comment: Rationale | None = None
    attachments: list[Digest] = Field(default_factory=list, max_length=10, description="SHA-256 of files, such as uploaded blobs.")


class ReasonBody(_Body):
    """The rationale."""

    rationale: Rationale


class WaiverBody(_Body):
    """Until when the issue is waived, and why."""

    until: Timestamp = Field(description="The approval is valid no longer than this, unless the issue is resolved before it is given.")
    rationale: Rationale


class ResetBody(_Body):
    """What was changed since the last round."""

    rationale: Rationale | None = None


class RejectionBody(_Body):
    """The rationale, and whether the no is about the bytes or about this request alone."""

    rationale: Rationale
    role: Role | None = None
    scope: RejectionScope = Field(
        "bytes",
        description="bytes: the no stands against every version with these bytes in this environment. request: the request was wrong.",
    )
    on_behalf_of: OnBehalfOf = None


class ReassignmentBody(_Body):
    """Who signs in whose place, in which role, and why."""

    absent: str = Field(max_length=100, description="Id or name of the person who is needed and absent.", examples=["carol"])
    to: str = Field(max_length=100, description="Id or name of the person who is to sign.", examples=["dave"])
    role: Role
    reason: Rationale


class LineageBody(_Body):
    """The decision on the claims about signers: confirmed ends the sign-off, set_aside lets it stand."""

    verdict: ContestVerdict
    rationale: Rationale


class RevocationBody(_Body):
    """The rationale."""

    rationale: Rationale


class WithdrawalBody(_Body):
    """An optional rationale."""

    rationale: Rationale | None = None


class CommentBody(_Body):
    """The text of a comment."""

    text: Text = Field(examples=["What happens to customers without a history?"])


class MissingSignatures(BaseModel):
    """A number of people who must still sign, each in one of the roles."""

    any_of: list[str] = Field(description="Roles, one of which a signer must hold.", examples=[["risk-officer"]])
    count: int = Field(description="How many people must still sign.")


class Obstacle(BaseModel):
    """Why it can't be completed as things are now, and what would help."""

    code: str = Field(examples=["signers_absent"])
    detail: str
    resolve: str


class RequestedSignOff(BaseModel):
    """The sign-off that is open now."""

    id: str = Field(description="Of the sign-off.", examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])
    state: SignOffState = Field(description="`approved` at once where the policy asks for no signature.")
    model_id: str = Field(description="The model's id.")
    version_id: str = Field(description="The version's id.")
    environment: str = Field(description="Where the version is to go.", examples=["prod"])
    missing: list[MissingSignatures] = Field(description="By term of the policy.")
    earlier_noes: list[dict[str, Any]] = Field(description="Noes on the same bytes that this request answers, the newest twenty.")
    obstacles: list[Obstacle] = Field(description="What keeps it from being completed now: people who are absent, without a delegate.")


class SignOffProgress(BaseModel):
    """The sign-off's state after the command."""

    id: str = Field(description="Of the sign-off.", examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])
    state: SignOffState = Field(description="After this act.")
    have: int = Field(description="Signatures that count.", examples=[1])
    need: int = Field(description="Signatures that the policy asks for.", examples=[2])
    missing: list[MissingSignatures] = Field(description="By term of the policy; empty when the quorum is complete.")
    expires_at: datetime | None = Field(description="Until when the yes is valid; null until it is approved.")
