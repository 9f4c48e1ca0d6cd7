"""Schema versions of signatures and rejections from before a person could sign in another person's place."""

from typing import Literal

from placet_shared.contracts import EventData, TextCommitment
from placet_shared.contracts.approval_decisions import Role

__all__ = ["SUPERSEDED_OF_SIGNING"]


class _SignOffEvent(EventData):
    sign_off_id: str
    model_id: str
    version_id: str
    environment: str


class ApprovalGrantedV1(_SignOffEvent):
    """One person signed; `token_issuers` are people who could have, since they issued the token that was used."""

    person_id: str
    role: Role
    token_issuers: list[str]
    rationale: TextCommitment | None


class SignOffRejectedV2(_SignOffEvent):
    """One person with a signing role said no: to the bytes, whichever version they are, or to this request alone."""

    person_id: str
    role: Role
    scope: Literal["bytes", "request"]
    rationale: TextCommitment | None


SUPERSEDED_OF_SIGNING: dict[tuple[str, int], type[EventData]] = {
    ("ApprovalGranted", 1): ApprovalGrantedV1,
    ("SignOffRejected", 2): SignOffRejectedV2,
}
