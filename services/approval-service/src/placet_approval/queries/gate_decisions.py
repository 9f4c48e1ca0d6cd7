"""Recorded gate decisions."""

from datetime import datetime
from typing import Any

import asyncpg
import orjson
from pydantic import BaseModel, Field

from placet_shared.errors import NotFound

__all__ = ["GateDecisionView", "read_gate_decision"]

READ = "select * from gate_decisions where decision_id = $1"
JSON_COLUMNS = ("question", "policy", "positions")


class GateDecisionView(BaseModel):
    """What was asked and decided, when, by whom, on which state of each source."""

    decision_id: str
    environment: str
    question: dict[str, Any]
    verdict: str
    decided: bool
    reasons: list[str]
    model_id: str | None
    version_id: str | None
    artifact_sha256: str | None
    sign_off_id: str | None
    policy: dict[str, Any] | None
    valid_until: datetime | None = Field(description="Until when a yes may be used; null for a no, and for decisions of the first release.")
    positions: dict[str, str]
    decided_by: str
    decided_at: datetime


async def read_gate_decision(pool: asyncpg.Pool, decision_id: str) -> GateDecisionView:
    """Raises `NotFound`."""
    row = await pool.fetchrow(READ, decision_id)
    if row is None:
        raise NotFound(f"There is no gate decision {decision_id}.", code="gate_decision_not_found")
    values = dict(row)
    values.update({name: orjson.loads(values[name]) for name in JSON_COLUMNS if values[name]})
    return GateDecisionView(**values)
