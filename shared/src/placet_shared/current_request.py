"""What code below the web layer may know of the request that is being answered."""

from contextvars import ContextVar

__all__ = ["caller_address"]

caller_address: ContextVar[str | None] = ContextVar("caller_address", default=None)
"""From which address it came; None for this machine's own, and beside requests. The web layer sets it."""
