"""Which sign-offs were in force and who had approved: spans of the log's index."""

from datetime import datetime
from typing import Annotated

import msgspec

from placet_audit.projections.entry import Entry
from placet_audit.projections.rows import Rows, Table
from placet_audit.projections.views import Step, TableView, Text

__all__ = ["APPROVALS", "SIGN_OFFS", "Approval", "SignOff"]


class SignOff(msgspec.Struct, frozen=True):
    """A row of `sign_off_spans`; `ended_by` is the type of the event that ended it."""

    sign_off_id: str
    model_id: str
    version_id: str
    environment: str
    artifact_sha256: str
    expires_at: datetime
    from_index: int
    to_index: int | None = None
    ended_by: str | None = None


class Approval(msgspec.Struct, frozen=True):
    """A row of `approval_spans`."""

    sign_off_id: str
    person_id: str
    role: str
    approved_at: datetime
    from_index: int
    to_index: int | None = None


class SignOffApproved(msgspec.Struct, frozen=True):
    """The fields that are read from the event."""

    sign_off_id: Text
    model_id: Text
    version_id: Text
    environment: Text
    artifact_sha256: Text
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)]


class SignOffEnded(msgspec.Struct, frozen=True):
    """The fields that are read from the event that revokes or invalidates a sign-off."""

    sign_off_id: Text


class ApprovalGranted(msgspec.Struct, frozen=True):
    """The fields that are read from the event."""

    sign_off_id: Text
    person_id: Text
    role: Text


class ApprovalRevoked(msgspec.Struct, frozen=True):
    """The fields that are read from the event."""

    sign_off_id: Text
    person_id: Text


def approve(sign_offs: Rows[SignOff], entry: Entry, event: SignOffApproved) -> None:
    """Once."""
    if event.sign_off_id not in sign_offs:
        what = (event.sign_off_id, event.model_id, event.version_id, event.environment, event.artifact_sha256)
        sign_offs.put(SignOff(*what, event.expires_at, entry.index))


def end(sign_offs: Rows[SignOff], entry: Entry, event: SignOffEnded) -> None:
    """The first event that ends it counts."""
    sign_off = sign_offs.find(event.sign_off_id)
    if sign_off and sign_off.to_index is None:
        sign_offs.put(msgspec.structs.replace(sign_off, to_index=entry.index, ended_by=entry.type))


def sign(approvals: Rows[Approval], entry: Entry, event: ApprovalGranted) -> None:
    """One more signature."""
    approvals.put(Approval(event.sign_off_id, event.person_id, event.role, entry.recorded_at, entry.index))


def take_back(approvals: Rows[Approval], entry: Entry, event: ApprovalRevoked) -> None:
    """All signatures of the person on it."""
    for approval in approvals.open_at((event.sign_off_id, event.person_id)):
        approvals.put(msgspec.structs.replace(approval, to_index=entry.index))


SIGN_OFFS = TableView(
    Table("sign_off_spans", SignOff, key=["sign_off_id"]),
    {
        "SignOffApproved": Step(SignOffApproved, approve),
        "SignOffRevoked": Step(SignOffEnded, end),
        "SignOffInvalidated": Step(SignOffEnded, end),
    },
)
APPROVALS = TableView(
    Table("approval_spans", Approval, key=["sign_off_id", "person_id", "from_index"], place=["sign_off_id", "person_id"]),
    {"ApprovalGranted": Step(ApprovalGranted, sign), "ApprovalRevoked": Step(ApprovalRevoked, take_back)},
)
