"""Rows of policies, sign-offs and gate decisions, from their events; written in the append's transaction."""

from collections.abc import Iterable
from typing import Any

import orjson

from placet_approval.projections.sign_offs import project_sign_off
from placet_shared.event_store import RecordedEvent, Statement

__all__ = ["project_decision"]

DEFINE_POLICY = """
    insert into policies (environment, version, policy_id, sha256, mode, content, defined_by, defined_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
DECIDE_GATE = """
    insert into gate_decisions (decision_id, environment, question, verdict, decided, reasons, model_id, version_id, artifact_sha256,
                                sign_off_id, policy, positions, decided_by, decided_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""


def project_decision(event: RecordedEvent) -> Iterable[Statement]:
    """The rows that this event leads to; none for events about other things."""
    match event.type:
        case "PolicyDefined":
            return [_policy(event)]
        case "GateDecisionMade":
            return [_gate_decision(event)]
        case _:
            return project_sign_off(event)


def _policy(event: RecordedEvent) -> Statement:
    data = event.fields
    names = ("environment", "version", "policy_id", "sha256", "mode")
    values = (*(data[name] for name in names), _json(data["content"]), event.actor, event.recorded_at)
    return Statement(DEFINE_POLICY, values)


def _gate_decision(event: RecordedEvent) -> Statement:
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
    )
    return Statement(DECIDE_GATE, values)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
