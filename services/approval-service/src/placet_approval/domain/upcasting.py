"""Upcasts events of older schema versions to the next version, in memory."""

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["UPCASTERS"]

Fields = dict[str, Any]


def _evidence(fields: Fields) -> Fields:
    """Version 1 bound one result of one run, by a plan that it did not name."""
    rest = {name: value for name, value in fields.items() if name not in ("run_id", "result_sha256")}
    run_id, result = fields["run_id"], fields["result_sha256"]
    return {**rest, "evidence": [_by_unknown_plan(run_id, result)] if run_id else []}


def _by_unknown_plan(run_id: str, result_sha256: str) -> Fields:
    return {"plan_id": None, "plan": None, "version": None, "sha256": None, "run_id": run_id, "result_sha256": result_sha256}


def _requested(fields: Fields) -> Fields:
    shown = {"excluded_in_all": len(fields["excluded"]), "earlier_noes": [], "noes_answered": None}
    return {**_evidence(fields), **shown}


def _approved(fields: Fields) -> Fields:
    return {**_evidence(fields), "earlier_noes": []}


def _rejected(fields: Fields) -> Fields:
    """A rejection was about the bytes, which is the default now."""
    return {**fields, "scope": "bytes"}


def _invalidated(fields: Fields) -> Fields:
    if fields["field"] == "excluded":
        claims = [{**one, "because": part, "claimed_by": one["person_id"]} for one in fields["new"] for part in one["because"]]
        return {**fields, "new": claims}
    if fields["field"] != "result_sha256":
        return fields
    old, new = (result and _by_unknown_plan("", result) for result in (fields["old"], fields["new"]))
    return {**fields, "field": "evidence", "old": old, "new": new}


def _gate_decision(fields: Fields) -> Fields:
    return {**fields, "valid_until": None}


UPCASTERS: Mapping[tuple[str, int], Callable[[Fields], Fields]] = {
    ("PolicyDefined", 1): lambda fields: fields,
    ("PolicyDefined", 2): lambda fields: fields,
    ("PolicyDefined", 3): lambda fields: fields,
    ("SignOffRequested", 1): _requested,
    ("SignOffApproved", 1): _approved,
    ("SignOffRejected", 1): _rejected,
    ("SignOffInvalidated", 1): _invalidated,
    ("GateDecisionMade", 1): _gate_decision,
}
