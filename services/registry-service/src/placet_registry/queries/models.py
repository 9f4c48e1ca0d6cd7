"""Models: one by id or by name, and the search."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import orjson

from placet_registry.domain.qualification import qualified_by
from placet_registry.queries.selecting_models import ModelSearch, models_page
from placet_registry.queries.texts import TextView, text_of

__all__ = ["ModelSearch", "ModelView", "model_by_id", "model_by_name", "search_models"]

MODEL = """
    select m.model_id, m.name, m.tags, m.latest_number, m.stream_version, m.registered_by, m.registered_at, m.changed_at,
           m.description_id, m.description_hmac, t.body as description_text,
           m.qualified_by, m.qualified_at, m.qualification_reason_id, m.qualification_reason_hmac,
           (select r.body from texts r where r.id = m.qualification_reason_id) as qualification_reason_text
    from {models} m left join texts t on t.id = m.description_id
"""
MODEL_BY_ID = MODEL.format(models="models") + "where m.model_id = $1"
MODEL_BY_NAME = MODEL.format(models="models") + "where m.name = $1"
# Names are unique and sorted by code point, so a name is the key of a page.
SEARCH_MODELS = MODEL + "order by m.name"


@dataclass(frozen=True, slots=True)
class QualificationView:
    """How the model was judged, as its tags say now, and who judged it last and why; `by` is None when only tags were set."""

    value: str | None
    risk: str | None
    feasibility: str | None
    risk_tier: str | None
    by: str | None
    at: datetime | None
    reason: TextView | None


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model as it is now; `revision` is its stream's version."""

    id: str
    name: str
    description: TextView | None
    tags: Mapping[str, str]
    qualification: QualificationView
    latest_number: int | None
    registered_by: str
    registered_at: datetime
    changed_at: datetime
    revision: int


async def model_by_id(connection: asyncpg.Pool, model_id: str) -> ModelView | None:
    """The model, or None; `revision` is its stream's version."""
    row = await connection.fetchrow(MODEL_BY_ID, model_id)
    return _model(row) if row else None


async def model_by_name(connection: asyncpg.Pool, name: str) -> ModelView | None:
    """The same by name in normal form C."""
    row = await connection.fetchrow(MODEL_BY_NAME, name)
    return _model(row) if row else None


async def search_models(connection: asyncpg.Pool, search: ModelSearch, after: str | None, limit: int) -> list[ModelView]:
    """Up to `limit` models by name, from the one after `after` on."""
    page = await models_page(connection, search, after, limit)
    return [_model(row) for row in await connection.fetch(SEARCH_MODELS.format(models=f"({page.sql})"), *page.args)]


def _model(row: asyncpg.Record) -> ModelView:
    return ModelView(
        id=row["model_id"],
        name=row["name"],
        description=text_of(row, "description"),
        tags=(tags := orjson.loads(row["tags"])),
        qualification=QualificationView(
            **qualified_by(tags), by=row["qualified_by"], at=row["qualified_at"], reason=text_of(row, "qualification_reason")
        ),
        latest_number=row["latest_number"] or None,
        registered_by=row["registered_by"],
        registered_at=row["registered_at"],
        changed_at=row["changed_at"],
        revision=row["stream_version"],
    )
