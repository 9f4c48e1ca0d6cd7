"""The facts about the current request that code below the web layer may know."""

from contextvars import ContextVar

__all__ = ["caller_address"]

caller_address: ContextVar[str | None] = ContextVar("caller_address", default=None)
"""The address of the client; None for this machine's own, and outside of requests. The web layer sets it."""
