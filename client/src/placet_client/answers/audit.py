"""The audit log, as audit-service answers."""

from datetime import datetime
from typing import Any

from placet_client.answers.answer import Answer, Page, Part
from placet_client.answers.sign_offs import SaidText

__all__ = ["Approval", "AsOf", "Deployed", "Entry", "LogEntry", "SaidWith", "SourceLag", "Timeline"]


class SourceLag(Part, frozen=True, kw_only=True):
    """How far the log has followed one source."""

    source: str
    epoch: int
    position: int
    head: int | None = None
    reachable: bool
    lag_seconds: float | None = None


class SaidWith(SaidText, frozen=True, kw_only=True):
    """The rationale or the comment of an act, for auditors and admins; `kind` says which."""

    kind: str


class Entry(Answer, frozen=True, kw_only=True):
    """One act in the timeline; `result` is done, refused, denied, failed, rejected or invalidated."""

    index: int
    recorded_at: datetime
    logged_at: datetime
    source: str
    position: int
    type: str
    result: str
    subject: str
    model_id: str | None = None
    model_name: str | None = None
    version_id: str | None = None
    version_number: int | None = None
    environment: str | None = None
    actor: str
    on_behalf_of: str | None = None
    correlation: str
    event_id: str
    details: dict[str, Any] = {}
    said: SaidWith | None = None


class Timeline(Page[Entry], frozen=True, kw_only=True):
    """Acts, and the index up to which the answer is complete."""

    as_of_index: int
    as_of_time: datetime | None = None
    lag_seconds: float | None = None
    sources: tuple[SourceLag, ...] = ()


class Approval(Part, frozen=True, kw_only=True):
    """A person's approval of what is deployed; `on_behalf_of` is the person in whose place it was given."""

    person_id: str
    role: str
    at: datetime
    on_behalf_of: str | None = None


class Deployed(Part, frozen=True, kw_only=True):
    """What ran at that time; `sign_off_state` is in force, suspended, expired, revoked or invalidated.

    `signed_off` says whether a sign-off was in force when the deployment was reported, `signatures_required` whether the
    policy asked for one.
    """

    environment: str
    model_id: str
    model_name: str | None = None
    version_id: str
    version_number: int | None = None
    sha256: str
    deployment_id: str
    deployed_by: str
    since: datetime
    sign_off_id: str | None = None
    sign_off_state: str | None = None
    sign_off_expires_at: datetime | None = None
    signed_off: bool | None = None
    signatures_required: bool | None = None
    approvals: tuple[Approval, ...] = ()


class AsOf(Answer, frozen=True, kw_only=True):
    """The state as of an index of the log."""

    as_of_index: int
    as_of_time: datetime | None = None
    lag_seconds: float | None = None
    sources: tuple[SourceLag, ...] = ()
    index: int
    time: datetime
    deployments: tuple[Deployed, ...] = ()
    next_cursor: str | None = None


class LogEntry(Answer, frozen=True, kw_only=True):
    """One entry of the log with its event."""

    index: int
    logged_at: datetime
    event: dict[str, Any] = {}
    data_bytes: str
