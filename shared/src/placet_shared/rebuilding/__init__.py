"""Building a projection anew beside the one that serves, and swapping the two while requests go on (rule 23)."""

from placet_shared.rebuilding.consumed_events import ConsumedEvents, Followed
from placet_shared.rebuilding.generations import Generation
from placet_shared.rebuilding.own_events import OwnEvents
from placet_shared.rebuilding.rebuild import Reached, Replay, rebuild

__all__ = ["ConsumedEvents", "Followed", "Generation", "OwnEvents", "Reached", "Replay", "rebuild"]
