"""Directives, newest first, and one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import asyncpg
import orjson

from placet_approval.domain.directive import Because, Resolution
from placet_approval.domain.emergency_terms import WhenAYesEnds
from placet_approval.queries.said import holder, said

__all__ = ["DirectiveState", "DirectiveView", "list_directives", "read_directive"]

COLUMNS = f"""
    select x.directive_id as id, case when x.how is null then 'open' else 'resolved' end as state, x.kind, x.because, x.model_id,
           m.name as model, x.version_id, v.number, x.environment, x.deployment_id, x.artifact_sha256, x.sign_off_id, x.roll_back_to,
           x.issued_at, x.how, x.known_by, {holder("x.resolved_by")} as resolved_by, x.resolved_at, {said("x")} as reason, x.stream_version
    from directives x
    left join known_models m on m.model_id = x.model_id
    left join known_versions v on v.version_id = x.version_id
"""
LIST = f"""
    {COLUMNS}
    where {{state}} and ($1::text is null or x.environment = $1) and ($2::text is null or x.model_id = $2 or m.name = $2)
      and ($3::timestamptz is null or (x.issued_at, x.directive_id) < ($3, $4))
    order by x.issued_at desc, x.directive_id desc limit $5
"""
READ = f"{COLUMNS} where x.directive_id = $1"
JSON_COLUMNS = ("roll_back_to", "resolved_by", "reason")

DirectiveState = Literal["open", "resolved"]
CONDITIONS: Mapping[DirectiveState | None, str] = {"open": "x.how is null", "resolved": "x.how is not null", None: "true"}


@dataclass(frozen=True, slots=True)
class DirectiveView:
    """What is to be done about which deployment, and what became of it."""

    id: str
    state: DirectiveState
    kind: WhenAYesEnds
    because: Because
    model_id: str
    model: str | None
    version_id: str
    number: int | None
    environment: str
    deployment_id: str
    artifact_sha256: str
    sign_off_id: str | None
    roll_back_to: Mapping[str, Any] | None
    issued_at: datetime
    how: Resolution | None
    known_by: Literal["report", "facts"] | None
    resolved_by: Mapping[str, Any] | None
    resolved_at: datetime | None
    reason: Mapping[str, Any] | None
    stream_version: int


async def list_directives(
    pool: asyncpg.Pool,
    state: DirectiveState | None,
    environment: str | None,
    model: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[DirectiveView]:
    """Those that were issued before the last row seen."""
    rows = await pool.fetch(LIST.format(state=CONDITIONS[state]), environment, model, *(before or (None, None)), limit)
    return [_view(row) for row in rows]


async def read_directive(pool: asyncpg.Pool, directive_id: str) -> DirectiveView | None:
    """None when there is none."""
    row = await pool.fetchrow(READ, directive_id)
    return _view(row) if row else None


def _view(row: asyncpg.Record) -> DirectiveView:
    return DirectiveView(**{**row, **{name: orjson.loads(row[name]) for name in JSON_COLUMNS if row[name]}})
