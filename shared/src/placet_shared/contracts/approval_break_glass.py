"""Events about break-glass and the debt that it leaves. Their subject is the model."""

from typing import Annotated

from pydantic import Field

from placet_shared.contracts import EventData, TextCommitment
from placet_shared.contracts.approval_decisions import Signature
from placet_shared.contracts.approval_policies import Role, Sha256, SignatureTerm

__all__ = ["BREAK_GLASS_EVENTS", "BreakGlassClosed", "BreakGlassOpened", "DebtIncurred", "DebtReviewed", "DebtSettled"]


class BreakGlassOpened(EventData):
    """Until `ends_at` the gate lets exactly these bytes into the environment in spite of what the policy asks for.

    `token_issuers` are people who could have acted as the opener, since they issued the token that was used.
    """

    glass_id: str
    debt_id: str
    model_id: str
    version_id: str
    artifact_sha256: Sha256
    environment: str
    person_id: str
    token_issuers: list[str]
    incident: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:/-]{1,100}$")]
    ends_at: str
    reason: TextCommitment


class BreakGlassClosed(EventData):
    """It was closed before its end; a yes that rests on it can't be written any more."""

    glass_id: str
    model_id: str
    artifact_sha256: Sha256
    environment: str
    closed_by: str


class DebtIncurred(EventData):
    """From here on the gate denies the model's next promotion to the environment until a retrospective review is signed.

    `signatures` are the policy's terms at this moment: they count, whatever the policy says later.
    """

    debt_id: str
    glass_id: str
    model_id: str
    version_id: str
    artifact_sha256: Sha256
    environment: str
    person_id: str
    token_issuers: list[str]
    incident: str
    signatures: list[SignatureTerm]


class DebtReviewed(EventData):
    """One person without a part in it signed the retrospective review; `token_issuers` are people who could have."""

    debt_id: str
    model_id: str
    environment: str
    person_id: str
    role: Role
    token_issuers: list[str]
    review: TextCommitment


class DebtSettled(EventData):
    """The review is complete; `reviewers` are those who counted."""

    debt_id: str
    model_id: str
    environment: str
    reviewers: list[Signature]


BREAK_GLASS_EVENTS: dict[str, type[EventData]] = {
    model.__name__: model for model in (BreakGlassOpened, BreakGlassClosed, DebtIncurred, DebtReviewed, DebtSettled)
}
