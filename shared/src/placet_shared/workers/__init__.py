"""Background work of a process: loops, the lock that lets one process at a time do a piece of work, and their end."""

from placet_shared.workers.background import in_background
from placet_shared.workers.loop import Leading, Loop

__all__ = ["Leading", "Loop", "in_background"]
