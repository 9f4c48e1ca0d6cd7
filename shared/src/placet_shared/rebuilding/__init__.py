"""Building a projection anew beside the one that serves, and putting it in its place without stopping anybody (rule 23)."""

from placet_shared.rebuilding.generations import Generation
from placet_shared.rebuilding.rebuild import Replay, rebuild

__all__ = ["Generation", "Replay", "rebuild"]
