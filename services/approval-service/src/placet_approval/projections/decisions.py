"""Rows of policies and gate decisions, from their events."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from placet_approval.domain.timestamps import parse_rfc3339
from placet_shared.event_store import RecordedEvent, Rows, Statement
from placet_shared.model_selectors import ModelSelector

__all__ = ["GATE_ROWS", "POLICY_ROWS"]

# In one statement, since rows are written statement by statement: the versions before are out of question, unless this one waits until
# approvals have ended.
DEFINE_POLICY = """
    with before as (
        update policies set in_question = in_question and $11 = 'at-renewal', at_once = at_once and $11 <> 'immediately'
        where policy_id = $3
    )
    insert into policies (environment, version, policy_id, sha256, mode, content, defined_by, defined_at, name, kind, takes_effect, lookup,
                          every_model, patterns, in_question, at_once, revision)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, true, $11 = 'immediately', $15)
"""
WITHDRAW_POLICY = "update policies set in_question = false, withdrawn_at = coalesce(withdrawn_at, $2), revision = $3 where policy_id = $1"
DECIDE_GATE = """
    insert into gate_decisions (decision_id, environment, question, verdict, decided, reasons, model_id, version_id, artifact_sha256,
                                sign_off_id, policy, positions, decided_by, decided_at, valid_until, break_glass)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
"""


def _policy(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(DEFINE_POLICY, _defined(event, event.fields["mode"], "policy"))


def _defined(event: RecordedEvent, mode: str | None, kind: str) -> Sequence[Any]:
    data = event.fields
    names = ("environment", "version", "policy_id", "sha256")
    selector = ModelSelector.from_document(data["content"].get("for", {}))
    lookup = sorted(f"{data['environment']} {key}" for key in selector.lookup_keys)
    selected = (lookup, selector.every_model, selector.like_patterns)
    written = (*(data[name] for name in names), mode, _json(data["content"]), event.actor, event.recorded_at)
    return (*written, data["name"], kind, data["takes_effect"], *selected, event.version)


def _floor(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    yield Statement(DEFINE_POLICY, _defined(event, data["content"].get("mode"), "floor"))


def _withdrawn(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(WITHDRAW_POLICY, (event.fields["policy_id"], event.recorded_at, event.version))


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


POLICY_ROWS: Rows = {"PolicyDefined": _policy, "FloorDefined": _floor, "PolicyWithdrawn": _withdrawn}
GATE_ROWS: Rows = {"GateDecisionMade": _gate_decision}
