"""The timeline: one line for each entry."""

from collections.abc import Iterable

import orjson

from placet_audit.domain.meaning import meaning_of
from placet_audit.projections.entry import Entry
from placet_shared.event_store import Statement

__all__ = ["project_timeline"]

# A refusal says what it was about only by its subject; when that is a model, it belongs in the model's timeline.
LINE = """
    insert into timeline_rows (index, logged_at, recorded_at, source, position, event_id, type, result, subject, model_id,
                               version_id, environment, actor, on_behalf_of, correlation, details)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9,
            coalesce($10, (select model_id from known_models where model_id = $9)), $11, $12, $13, $14, $15, $16::text::jsonb)
    on conflict (index) do nothing
"""


def project_timeline(entry: Entry) -> Iterable[Statement]:
    """What happened, in the auditor's words."""
    meaning = meaning_of(entry.type, entry.fields)
    yield Statement(
        LINE,
        (
            entry.index, entry.logged_at, entry.recorded_at, entry.source, entry.position, entry.event_id, entry.type,
            meaning.result, entry.subject, meaning.model_id, meaning.version_id, meaning.environment, entry.actor,
            entry.on_behalf_of, entry.correlation, orjson.dumps(meaning.details).decode(),
        ),
    )  # fmt: skip
