"""How an answer speaks of a free text that may have been erased: always with the commitment, never with nothing (rule 24)."""

from typing import Any

import asyncpg

__all__ = ["text_of"]


def text_of(row: asyncpg.Record, name: str) -> dict[str, Any] | None:
    """From columns `<name>_id`, `<name>_hmac` and `<name>_text`; None where no text was ever given."""
    if row[f"{name}_id"] is None:
        return None
    text = row[f"{name}_text"]
    return {"id": str(row[f"{name}_id"]), "hmac": row[f"{name}_hmac"], "text": text, "erased": text is None}
