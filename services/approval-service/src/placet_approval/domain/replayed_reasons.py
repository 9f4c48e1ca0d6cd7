"""What a replay finds against a past sign-off, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

__all__ = ["EFFECTS", "REPLAY_REASONS", "Effect", "Finding", "ReplayReason"]

Effect = Literal["blocked", "delayed", "not_known"]
ReplayReason = Literal[
    "signer_excluded", "role_missing", "more_signatures", "signed_in_another_order", "role_not_known",
    "lineage_missing", "verification_missing", "verification_stale", "not_held_out", "data_not_known",
    "previous_environment_missing", "previous_environment_later", "soak_missing",
    "feedback_missing", "issues_not_waivable", "issues_to_waive", "deadline_passed",
]  # fmt: skip

REPLAY_REASONS: tuple[ReplayReason, ...] = get_args(ReplayReason)

EFFECTS: Mapping[ReplayReason, Effect] = {
    "signer_excluded": "blocked",
    "role_missing": "blocked",
    "more_signatures": "delayed",
    "signed_in_another_order": "delayed",
    "role_not_known": "not_known",
    "lineage_missing": "blocked",
    "verification_missing": "blocked",
    "verification_stale": "blocked",
    "not_held_out": "blocked",
    "data_not_known": "not_known",
    "previous_environment_missing": "blocked",
    "previous_environment_later": "delayed",
    "soak_missing": "delayed",
    "feedback_missing": "delayed",
    "issues_not_waivable": "blocked",
    "issues_to_waive": "delayed",
    "deadline_passed": "blocked",
}
"""A missing role is more than a signature more: no person of that kind took part. What only takes time, or more of the same, delays."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason, in words that name no person; `asks` is a term that was not met, `waits` the least time that it takes longer."""

    reason: ReplayReason
    detail: str
    asks: str | None = None
    waits: timedelta | None = None
    people: tuple[str, ...] = ()

    @property
    def effect(self) -> Effect:
        """What follows from it."""
        return EFFECTS[self.reason]
