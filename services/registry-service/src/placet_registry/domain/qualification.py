"""A model's qualification: what it is worth, what can go wrong, whether it can be built, and the tier that follows for its governance."""

from collections.abc import Mapping
from typing import Literal, get_args

from placet_shared.model_selectors import GOVERNANCE_TAGS

__all__ = ["LEVELS", "QUALITIES", "Level", "Qualities", "qualified_by", "tag_of"]

Level = Literal["low", "medium", "high"]
Qualities = Mapping[str, str | None]

LEVELS: tuple[Level, ...] = get_args(Level)
QUALITIES = ("value", "risk", "feasibility", "risk_tier")


def tag_of(quality: str) -> str:
    """Each is a governance tag, so that plans select by it and boards show it: `governance/risk-tier`."""
    return f"{GOVERNANCE_TAGS}{quality.replace('_', '-')}"


def qualified_by(tags: Mapping[str, str]) -> dict[str, str | None]:
    """The qualities that these tags say; None for those that were never judged."""
    return {quality: tags.get(tag_of(quality)) for quality in QUALITIES}
