"""Break-glasses and the debts that they leave, as approval-service answers."""

from datetime import datetime

from placet_client.answers.answer import Answer, Part
from placet_client.answers.sign_offs import Holder, MissingSignatures, SaidText

__all__ = ["AllowedDecision", "BreakGlass", "ClosedBreakGlass", "Debt", "DebtReview", "OpenedBreakGlass", "ReviewedDebt"]


class OpenedBreakGlass(Answer, frozen=True, kw_only=True):
    """What is let in until when, and the debt that it leaves."""

    id: str
    debt_id: str
    model_id: str
    version_id: str
    artifact_sha256: str
    environment: str
    ends_at: datetime


class ClosedBreakGlass(Answer, frozen=True, kw_only=True):
    """It lets nothing in any more."""

    id: str
    debt_id: str
    model_id: str
    environment: str


class AllowedDecision(Part, frozen=True, kw_only=True):
    """A yes of the gate that rests on it, with what the policy had against it."""

    decision_id: str
    decided_at: datetime
    decided_by: Holder
    reasons: tuple[str, ...] = ()
    valid_until: datetime | None = None


class BreakGlass(Answer, frozen=True, kw_only=True):
    """One break-glass: `state` is open, over or closed; `decisions` are not in a listing."""

    id: str
    state: str
    model_id: str
    model: str | None = None
    version_id: str
    number: int | None = None
    artifact_sha256: str
    environment: str
    incident: str
    opened_by: Holder
    reason: SaidText
    opened_at: datetime
    ends_at: datetime
    closed_by: Holder | None = None
    closed_at: datetime | None = None
    debt_id: str
    decisions: tuple[AllowedDecision, ...] | None = None


class DebtReview(Part, frozen=True, kw_only=True):
    """One person's signature under the review."""

    by: Holder
    role: str
    at: datetime
    said: SaidText


class Debt(Answer, frozen=True, kw_only=True):
    """One debt, open or settled: `signatures` are whom the policy asked for when the glass was opened."""

    id: str
    state: str
    glass_id: str
    model_id: str
    model: str | None = None
    version_id: str
    number: int | None = None
    artifact_sha256: str
    environment: str
    incident: str
    opened_by: Holder
    signatures: tuple[MissingSignatures, ...] = ()
    reviews: tuple[DebtReview, ...] = ()
    incurred_at: datetime
    settled_at: datetime | None = None
    stream_version: int


class ReviewedDebt(Answer, frozen=True, kw_only=True):
    """A debt after a review, with the signatures that are still missing."""

    id: str
    settled: bool
    model_id: str
    environment: str
    missing: tuple[MissingSignatures, ...] = ()
