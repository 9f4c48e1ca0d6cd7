"""Rows of policies and gate decisions, from their events."""

from collections.abc import Iterable
from typing import Any

import orjson

from placet_approval.domain.timestamps import parse_rfc3339
from placet_shared.event_store import RecordedEvent, Rows, Statement

__all__ = ["GATE_ROWS", "POLICY_ROWS"]

DEFINE_POLICY = """
    insert into policies (environment, version, policy_id, sha256, mode, content, defined_by, defined_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
DECIDE_GATE = """
    insert into gate_decisions (decision_id, environment, question, verdict, decided, reasons, model_id, version_id, artifact_sha256,
                                sign_off_id, policy, positions, decided_by, decided_at, valid_until, break_glass)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
"""


def _policy(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    names = ("environment", "version", "policy_id", "sha256", "mode")
    values = (*(data[name] for name in names), _json(data["content"]), event.actor, event.recorded_at)
    yield Statement(DEFINE_POLICY, values)


def _gate_decision(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    values = (
        data["decision_id"],
        data["environment"],
        _json(data["question"]),
        data["verdict"],
        data["decided"],
        data["reasons"],
        data["model_id"],
        data["version_id"],
        data["artifact_sha256"],
        data["sign_off_id"],
        data["policy"] and _json(data["policy"]),
        _json(data["positions"]),
        event.actor,
        event.recorded_at,
        data["valid_until"] and parse_rfc3339(data["valid_until"]),
        data["break_glass"],
    )
    yield Statement(DECIDE_GATE, values)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


POLICY_ROWS: Rows = {"PolicyDefined": _policy}
GATE_ROWS: Rows = {"GateDecisionMade": _gate_decision}
