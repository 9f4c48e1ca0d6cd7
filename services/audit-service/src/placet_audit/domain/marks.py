"""Names of the marks that say how far into the log something has come."""

from typing import Final

__all__ = ["VIEWS"]

VIEWS: Final = "views"
"""All views together: an answer that is made of several of them is made of the same entries."""
