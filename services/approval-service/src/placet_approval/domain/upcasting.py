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


def _requested_at_once(fields: Fields) -> Fields:
    """Version 2 asked for signatures alone, in any order, for as long as it took."""
    return {**fields, "feedback": [], "in_sequence": False, "deadlines": None, "carried_issues": [], "findings": []}


def _approved_without_conditions(fields: Fields) -> Fields:
    return {**fields, "longest_until": fields["expires_at"], "review_at": None, "conditions": [], "waived_issues": []}


def _rejected(fields: Fields) -> Fields:
    """A rejection was about the bytes, which is the default now."""
    return {**fields, "scope": "bytes"}


def _in_own_name(fields: Fields) -> Fields:
    """Before there were delegations."""
    return {**fields, "on_behalf_of": None, "delegation_id": None}


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
    ("PolicyDefined", 4): lambda fields: fields,
    ("SignOffRequested", 1): _requested,
    ("SignOffRequested", 2): _requested_at_once,
    ("SignOffApproved", 1): _approved,
    ("SignOffApproved", 2): _approved_without_conditions,
    ("ApprovalGranted", 1): _in_own_name,
    ("SignOffRejected", 1): _rejected,
    ("SignOffRejected", 2): _in_own_name,
    ("SignOffInvalidated", 1): _invalidated,
    ("GateDecisionMade", 1): _gate_decision,
    ("GateDecisionMade", 2): lambda fields: {**fields, "break_glass": None},
}
