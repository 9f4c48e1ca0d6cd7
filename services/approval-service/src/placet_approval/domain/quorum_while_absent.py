"""Whether a quorum can be reached before people who are absent are back, by those who are there and their delegates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.reachable_quorum import Obstacle, SignerGroup, most_signatures

__all__ = ["Signers", "absence_obstacle"]


@dataclass(frozen=True, slots=True)
class Signers:
    """Groups of people by the roles in which they could sign: all of them, and those who are there, each with the roles of absent people in
    whose place they may sign. `back_at` is when the first of the absent ones is back, if that was said."""

    everyone: Sequence[SignerGroup]
    present: Sequence[SignerGroup]
    back_at: datetime | None = None


def absence_obstacle(terms: Sequence[SignatureTerm], signers: Signers) -> Obstacle | None:
    """None when those who are there can complete it, and when all people together could not either: that is another matter."""
    needed = sum(term.count for term in terms)
    reached = most_signatures(terms, signers.present)
    if reached >= needed or most_signatures(terms, signers.everyone) < needed:
        return None
    until = f" before {signers.back_at.isoformat(timespec='minutes')}" if signers.back_at else ""
    return Obstacle(
        "signers_absent",
        f"It needs {needed} signatures of distinct people; those who are there, also in the place of others, can give {reached}{until}.",
        "Ask the absent people to delegate, `placet delegations add`, or an owner of the policy to reassign it, `placet signoff reassign`.",
    )
