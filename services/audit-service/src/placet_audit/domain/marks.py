"""Names of the marks of the log's readers."""

from typing import Final

__all__ = ["VIEWS"]

VIEWS: Final = "views"
"""One for all views together, so that an answer from several of them is made of the same entries."""
