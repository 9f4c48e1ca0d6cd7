"""Rationales and comments of entries, as far as their texts are here."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import asyncpg
import orjson
from pydantic import BaseModel, Field

from placet_audit.domain.commitments import SAID, Commitment, commitments_in

__all__ = ["SaidText", "texts_said"]

COMMITTING = """select index, source, data from entries where index = any ($1::bigint[]) and position('"hmac"'::bytea in data) > 0"""
TEXTS = """
    select t.source, t.text_id::text as id, t.hmac, t.body, t.erased_at is not null as erased
    from source_texts t join unnest($1::text[], $2::uuid[]) w(source, text_id) using (source, text_id)
"""


class SaidText(BaseModel):
    """What a person said with an act, and the commitment to it that stands in the event."""

    kind: Literal["rationale", "comment"]
    id: str
    hmac: str = Field(description="HMAC-SHA256 of the text under a salt that its service keeps beside it")
    text: str | None = Field(
        description="null when it was erased, or has not arrived yet; after a start also until all that its service recorded is here, "
        "since an erasure may be among it"
    )
    erased: bool = Field(description="true when the text was removed for good, in every service")


async def texts_said(connection: asyncpg.Connection, indexes: Sequence[int], settled: Collection[str]) -> Mapping[int, SaidText]:
    """By the entry's index; texts of sources that are not settled are withheld."""
    said = {
        row["index"]: (row["source"], kind, one) for row in await connection.fetch(COMMITTING, indexes) for kind, one in _said(row["data"])
    }
    places = [(source, one.text_id) for source, _, one in said.values()]
    rows = await connection.fetch(TEXTS, [source for source, _ in places], [text_id for _, text_id in places])
    found = {(row["source"], row["id"]): row for row in rows}
    return {index: _shown(kind, one, found.get((source, one.text_id)), source in settled) for index, (source, kind, one) in said.items()}


def _said(data: bytes) -> Sequence[tuple[str, Commitment]]:
    try:
        fields = orjson.loads(data)
    except orjson.JSONDecodeError:
        return ()
    commitments = commitments_in(fields) if isinstance(fields, dict) else {}
    return [(kind, commitments[kind]) for kind in SAID if kind in commitments]


def _shown(kind: str, said: Commitment, row: asyncpg.Record | None, settled: bool) -> SaidText:
    erased = row is not None and row["erased"]
    text = row["body"] if row is not None and row["hmac"] == said.hmac and settled else None
    return SaidText.model_validate({"kind": kind, "id": said.text_id, "hmac": said.hmac, "text": text, "erased": erased})
