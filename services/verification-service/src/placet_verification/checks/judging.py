"""Judges what the child has measured and what the worker has read, check by check in the plan's order; the child's numbers are never
compared in the child."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from placet_verification.checks.kind import FACTS, Need
from placet_verification.checks.known_kinds import check_kinds, parameters_of
from placet_verification.domain.reasons import reason_code_of
from placet_verification.domain.records import Judgement, Record
from placet_verification.domain.result import Evaluation, Result

__all__ = ["conclude"]


def conclude(
    document: Mapping[str, Any], bound: Mapping[str, Any], evaluation: Evaluation, facts: Mapping[Need, Any] = MappingProxyType({})
) -> Result:
    """The result of a run that is `bound` to inputs by digest. `facts` are those that `facts_for` the plan names.

    KeyError when a check was not measured, a fact is missing or the check is of a kind that is not installed; another LookupError,
    TypeError or ValueError where what was measured is not in the kind's form.
    """
    judgements = tuple(_judge(check, evaluation, facts) for check in document["checks"])
    return Result.of(bound, judgements, evaluation)


def _found(evaluation: Evaluation, check_id: str) -> Mapping[str, Any]:
    """As the measuring function gave it: with its observations, if it has any."""
    measured, observed = evaluation.measured[check_id], evaluation.observed.get(check_id)
    return measured if observed is None else {**measured, "observed": observed}


def _judge(check: Mapping[str, Any], evaluation: Evaluation, facts: Mapping[Need, Any]) -> Judgement:
    kind = check_kinds()[check["check"]]
    measured = {} if kind.measure is None else _found(evaluation, check["id"])
    if measured.get("failed"):  # the measuring function itself, not the model
        records: tuple[Record, ...] = (Record(status="ERROR", reason_code="measure_failed"),)
    else:
        known: Mapping[str, Any] = {str(need): facts[need] for need in kind.needs & FACTS}
        records = tuple(kind.judge(parameters_of(kind, check), {**_rounded(measured), **known}))
    for record in records:
        if record.reason_code is not None:
            reason_code_of(record.reason_code)
    return Judgement(check["id"], kind.name, kind.version, check["severity"], records)


def _rounded(value: Any) -> Any:
    """Nine significant digits: processors add in different orders, and the last bits are not the model's."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, Mapping):
        return {name: _rounded(part) for name, part in value.items()}
    return [_rounded(part) for part in value] if isinstance(value, list | tuple) else value
