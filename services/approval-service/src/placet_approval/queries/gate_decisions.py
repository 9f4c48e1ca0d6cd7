"""Recorded gate decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from placet_shared.errors import NotFound

__all__ = ["GateDecisionView", "read_gate_decision"]

READ = """
    select decision_id, environment, question, verdict, decided, reasons, model_id, version_id, artifact_sha256, sign_off_id, policy,
           valid_until, break_glass, positions, decided_by, decided_at
    from gate_decisions where decision_id = $1
"""
JSON_COLUMNS = ("question", "policy", "positions")


@dataclass(frozen=True, slots=True)
class GateDecisionView:
    """The question and the decision: when, by whom, at which position of each source; `valid_until` of a no is null."""

    decision_id: str
    environment: str
    question: Mapping[str, Any]
    verdict: str
    decided: bool
    reasons: Sequence[str]
    model_id: str | None
    version_id: str | None
    artifact_sha256: str | None
    sign_off_id: str | None
    policy: Mapping[str, Any] | None
    valid_until: datetime | None
    break_glass: str | None
    positions: Mapping[str, str]
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
