"""Names of the marks of the log's readers."""

from typing import Final

__all__ = ["TEXTS", "VIEWS"]

TEXTS: Final = "texts"
"""Up to which entry the texts that entries commit to, and erasures, are noted."""

VIEWS: Final = "views"
"""One for all views together, so that an answer from several of them is made of the same entries."""
