"""The timeline: one line for each entry."""

from collections.abc import Container, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
import orjson

from placet_audit.domain.meaning import meaning_of
from placet_audit.projections.entry import Entry

__all__ = ["TIMELINE", "Line", "Timeline", "line_of"]


class Line(msgspec.Struct, frozen=True):
    """A row of `timeline_rows`; `details` are JSON."""

    index: int
    logged_at: datetime
    recorded_at: datetime
    source: str
    position: int
    event_id: UUID
    type: str
    result: str
    subject: str
    model_id: str | None
    version_id: str | None
    environment: str | None
    actor: str
    on_behalf_of: str | None
    correlation: str
    details: str


KNOWN = "select model_id from known_models where model_id = any ($1::text[])"
# One call for all lines of a batch.
ADD = f"""
    insert into timeline_rows ({", ".join(Line.__struct_fields__)})
    select * from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::bigint[], $6::uuid[], $7::text[], $8::text[],
                         $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::jsonb[])
    on conflict (index) do nothing
"""
# Another source's event may name a model before the registry's event about it is logged.
ABOUT_MODELS = """
    update timeline_rows t set model_id = t.subject from known_models m
    where m.model_id = any ($1::text[]) and t.subject = m.model_id and t.model_id is null
"""


def line_of(entry: Entry, models: Container[str]) -> Line:
    """The line that an entry becomes.

    A refusal says what it was about only by its subject; when that is one of the models, it belongs in the model's timeline.
    """
    meaning = meaning_of(entry.type, entry.fields)
    model_id = entry.subject if meaning.model_id is None and entry.subject in models else meaning.model_id
    return Line(
        entry.index, entry.logged_at, entry.recorded_at, entry.source, entry.position, entry.event_id, entry.type,
        meaning.result, entry.subject, model_id, meaning.version_id, meaning.environment, entry.actor,
        entry.on_behalf_of, entry.correlation, orjson.dumps(meaning.details).decode(),
    )  # fmt: skip


class Timeline:
    """A `View` of all entries, projected after the models that the same entries bring."""

    name = "timeline_rows"

    async def project(self, connection: asyncpg.Connection, entries: Sequence[Entry]) -> None:
        """A line for each entry, and the model's id for earlier lines about a model that these entries register."""
        subjects = list({entry.subject for entry in entries})
        models = {row["model_id"] for row in await connection.fetch(KNOWN, subjects)}
        lines = [line_of(entry, models) for entry in entries]
        await connection.execute(ADD, *zip(*map(msgspec.structs.astuple, lines), strict=True))
        if registered := [line.model_id for line in lines if line.type == "ModelRegistered" and line.model_id]:
            await connection.execute(ABOUT_MODELS, registered)


TIMELINE = Timeline()
