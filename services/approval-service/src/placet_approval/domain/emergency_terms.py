"""What a policy says of emergencies: what happens to a deployment whose yes ends, and who may break glass."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Self, get_args

__all__ = ["LONGEST_GLASS", "WHEN_A_YES_ENDS", "BreakGlassTerms", "WhenAYesEnds", "emergency_fields", "emergency_terms"]

WhenAYesEnds = Literal["alert", "drain", "shadow", "roll_back"]
WHEN_A_YES_ENDS: tuple[WhenAYesEnds, ...] = get_args(WhenAYesEnds)

LONGEST_GLASS = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class BreakGlassTerms:
    """People with one of the roles may open a break-glass `for_at_most` so long; a standing rejection stays one, unless told otherwise."""

    roles: tuple[str, ...]
    for_at_most: timedelta = LONGEST_GLASS
    overrides_rejection: bool = False

    def content(self) -> dict[str, Any]:
        """Plain JSON; what has its default is left out, but for the time."""
        overrides = {"overrides_rejection": True} if self.overrides_rejection else {}
        return {"roles": list(self.roles), "for_at_most_seconds": int(self.for_at_most.total_seconds()), **overrides}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The opposite of `content`."""
        return cls(tuple(content["roles"]), timedelta(seconds=content["for_at_most_seconds"]), content.get("overrides_rejection", False))


def emergency_fields(when_a_yes_ends: WhenAYesEnds, break_glass: BreakGlassTerms | None) -> dict[str, Any]:
    """Members of a policy's content, where they differ from the default."""
    ends = {"when_a_yes_ends": when_a_yes_ends} if when_a_yes_ends != "alert" else {}
    return {**ends, **({"break_glass": break_glass.content()} if break_glass else {})}


def emergency_terms(content: Mapping[str, Any]) -> dict[str, Any]:
    """The opposite of `emergency_fields`: the fields of `PolicyTerms`."""
    glass = content.get("break_glass")
    return {
        "when_a_yes_ends": content.get("when_a_yes_ends", "alert"),
        "break_glass": BreakGlassTerms.from_content(glass) if glass else None,
    }
