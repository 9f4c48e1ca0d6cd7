"""A free text in an answer: always with its commitment, since the text may have been erased (rule 24)."""

from dataclasses import dataclass

import asyncpg

__all__ = ["TextView", "text_of"]


@dataclass(frozen=True, slots=True)
class TextView:
    """The commitment that stands in the events, and the text unless it was erased."""

    id: str
    hmac: str
    text: str | None
    erased: bool


def text_of(row: asyncpg.Record, name: str) -> TextView | None:
    """From columns `<name>_id`, `<name>_hmac` and `<name>_text`; None where no text was ever given."""
    if row[f"{name}_id"] is None:
        return None
    text = row[f"{name}_text"]
    return TextView(str(row[f"{name}_id"]), row[f"{name}_hmac"], text, text is None)
