"""Which sign-offs were in force and who had approved: spans of the log's index."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from placet_audit.projections.entry import Entry
from placet_audit.projections.rows import Rows, Table
from placet_audit.projections.views import Step, TableView, Text

__all__ = ["APPROVALS", "SIGN_OFFS", "Approval", "SignOff"]


class SignOff(msgspec.Struct, frozen=True):
    """A row of `sign_off_spans`; `ended_by` is the type of the event that ended it, or after which it went on in another row."""

    sign_off_id: str
    model_id: str
    version_id: str
    environment: str
    artifact_sha256: str
    expires_at: datetime
    from_index: int
    to_index: int | None = None
    ended_by: str | None = None
    suspended: bool = False


class Approval(msgspec.Struct, frozen=True):
    """A row of `approval_spans`."""

    sign_off_id: str
    person_id: str
    role: str
    approved_at: datetime
    from_index: int
    to_index: int | None = None
    on_behalf_of: str | None = None


class SignOffApproved(msgspec.Struct, frozen=True):
    """The fields that are read from the event."""

    sign_off_id: Text
    model_id: Text
    version_id: Text
    environment: Text
    artifact_sha256: Text
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)]


class AboutSignOff(msgspec.Struct, frozen=True):
    """The field that is read from an event that ends a sign-off, suspends it, lets it go on, or begins a new round."""

    sign_off_id: Text


class ConditionMet(msgspec.Struct, frozen=True):
    """The fields that are read from the event; an approval that it makes valid for longer has `expires_at`."""

    sign_off_id: Text
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None


class ApprovalGranted(msgspec.Struct, frozen=True):
    """The fields that are read from the event."""

    sign_off_id: Text
    person_id: Text
    role: Text
    on_behalf_of: Text | None = None


class ApprovalRevoked(msgspec.Struct, frozen=True):
    """The fields that are read from the event."""

    sign_off_id: Text
    person_id: Text


def approve(sign_offs: Rows[SignOff], entry: Entry, event: SignOffApproved) -> None:
    """Once in a round."""
    if not sign_offs.open_at(event.sign_off_id):
        what = (event.sign_off_id, event.model_id, event.version_id, event.environment, event.artifact_sha256)
        sign_offs.put(SignOff(*what, event.expires_at, entry.index))


def end(sign_offs: Rows[SignOff], entry: Entry, event: AboutSignOff) -> None:
    """The first event that ends it counts."""
    for sign_off in sign_offs.open_at(event.sign_off_id):
        sign_offs.put(msgspec.structs.replace(sign_off, to_index=entry.index, ended_by=entry.type))


def hold(sign_offs: Rows[SignOff], entry: Entry, event: AboutSignOff) -> None:
    """It goes on in a row of its own, suspended or not any more."""
    _go_on(sign_offs, entry, event.sign_off_id, suspended=entry.type == "SignOffSuspended")


def prolong(sign_offs: Rows[SignOff], entry: Entry, event: ConditionMet) -> None:
    """It goes on with another time of its end."""
    if event.expires_at is not None:
        _go_on(sign_offs, entry, event.sign_off_id, expires_at=event.expires_at)


def _go_on(sign_offs: Rows[SignOff], entry: Entry, sign_off_id: str, **changes: Any) -> None:
    for sign_off in sign_offs.open_at(sign_off_id):
        sign_offs.put(msgspec.structs.replace(sign_off, to_index=entry.index, ended_by=entry.type))
        sign_offs.put(msgspec.structs.replace(sign_off, from_index=entry.index, **changes))


def sign(approvals: Rows[Approval], entry: Entry, event: ApprovalGranted) -> None:
    """One more signature."""
    signed = Approval(event.sign_off_id, event.person_id, event.role, entry.recorded_at, entry.index, on_behalf_of=event.on_behalf_of)
    approvals.put(signed)


def take_back(approvals: Rows[Approval], entry: Entry, event: ApprovalRevoked) -> None:
    """All signatures of the person on it."""
    for approval in approvals.open_at(event.sign_off_id):
        if approval.person_id == event.person_id:
            approvals.put(msgspec.structs.replace(approval, to_index=entry.index))


def begin_anew(approvals: Rows[Approval], entry: Entry, event: AboutSignOff) -> None:
    """In a new round nothing is signed."""
    for approval in approvals.open_at(event.sign_off_id):
        approvals.put(msgspec.structs.replace(approval, to_index=entry.index))


SIGN_OFFS = TableView(
    Table("sign_off_spans", SignOff, key=["sign_off_id", "from_index"], place=["sign_off_id"]),
    {
        "SignOffApproved": Step(SignOffApproved, approve),
        "SignOffRevoked": Step(AboutSignOff, end),
        "SignOffInvalidated": Step(AboutSignOff, end),
        "SignOffSuspended": Step(AboutSignOff, hold),
        "SignOffResumed": Step(AboutSignOff, hold),
        "ConditionMet": Step(ConditionMet, prolong),
    },
)
APPROVALS = TableView(
    Table("approval_spans", Approval, key=["sign_off_id", "person_id", "from_index"], place=["sign_off_id"]),
    {
        "ApprovalGranted": Step(ApprovalGranted, sign),
        "ApprovalRevoked": Step(ApprovalRevoked, take_back),
        "SignOffReset": Step(AboutSignOff, begin_anew),
    },
)
