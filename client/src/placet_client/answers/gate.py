"""The gate's answers."""

from datetime import datetime
from typing import Any

from placet_client.answers.answer import Answer, Part
from placet_client.exit_codes import ExitCode

__all__ = ["Decision", "PastDecision", "Reason", "RecordedDecision", "Validity"]


class Reason(Part, frozen=True, kw_only=True):
    """A reason against the deployment, and what would resolve it; `topic` is question, policy or knowledge."""

    code: str
    detail: str
    resolve: str
    topic: str
    facts: dict[str, Any] = {}


class Decision(Answer, frozen=True, kw_only=True):
    """`allowed` is the answer. `decided` false means that too little was known: ask again.

    `break_glass` is the id of the one that allows it in spite of the reasons.
    """

    verdict: str
    allowed: bool
    decided: bool
    reasons: tuple[Reason, ...] = ()
    model_id: str | None = None
    version_id: str | None = None
    artifact_sha256: str | None = None
    sign_off_id: str | None = None
    policy: dict[str, Any] | None = None
    valid_until: datetime | None = None
    break_glass: str | None = None
    positions: dict[str, str] = {}

    @property
    def is_warning(self) -> bool:
        """Allowed by a lenient policy in spite of the reasons."""
        return self.verdict == "warn"

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of `placet gate`, which has one of its own for a warning only under `--strict`."""
        if not self.decided:
            return ExitCode.CANNOT_TELL
        return ExitCode.YES if self.allowed else ExitCode.NO


class RecordedDecision(Decision, frozen=True, kw_only=True):
    """A decision for the record; `id` is what a pipeline shows."""

    id: str | None = None


class PastDecision(Answer, frozen=True, kw_only=True):
    """A decision as it was recorded; `reasons` are codes."""

    decision_id: str
    environment: str
    question: dict[str, Any] = {}
    verdict: str
    decided: bool
    reasons: tuple[str, ...] = ()
    model_id: str | None = None
    version_id: str | None = None
    artifact_sha256: str | None = None
    sign_off_id: str | None = None
    policy: dict[str, Any] | None = None
    valid_until: datetime | None = None
    break_glass: str | None = None
    positions: dict[str, str] = {}
    decided_by: str
    decided_at: datetime


class Validity(Answer, frozen=True, kw_only=True):
    """Whether a recorded decision still holds, decided again now."""

    decision_id: str
    holds: bool
    decided: bool
    valid_until: datetime | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of `placet gate show`."""
        return ExitCode.YES if self.holds else ExitCode.NO if self.decided else ExitCode.CANNOT_TELL
