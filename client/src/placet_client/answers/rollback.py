"""What a model could be rolled back to."""

from datetime import datetime

from placet_client.answers.answer import Answer, Part

__all__ = ["RollbackCandidate", "RollbackCandidates"]


class RollbackCandidate(Part, frozen=True, kw_only=True):
    """A version that was deployed before, and what the gate says of it now; `reasons` are codes."""

    version_id: str
    number: int
    sha256: str
    reported_at: datetime
    ended_at: datetime
    allowed: bool
    decided: bool
    reasons: tuple[str, ...] = ()


class RollbackCandidates(Answer, frozen=True, kw_only=True):
    """The last one that ran first."""

    items: tuple[RollbackCandidate, ...] = ()
