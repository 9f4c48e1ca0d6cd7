"""Two runs beside each other, record by record: values, differences, and which is better. To be read, and no evidence."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from placet_verification.api.reports.picture import Record
from placet_verification.checks.known_metrics import METRICS
from placet_verification.queries.runs import RunView

__all__ = ["NOTE", "Because", "compared"]

NOTE = "A comparison to be read: it is no evidence, and no sign-off is bound to it. Evidence is the result of each run by itself."

Because = Literal["champion", "named"]
Key = tuple[str, str | None, str | None, int]

_RUN = ("id", "version_id", "model_id", "environment", "status", "plan", "artifact_sha256", "result_sha256", "ended_at")
_VALUES = ("status", "value", "ci", "n", "reason_code")
_EQUAL = 1e-9
"""Relative to the values: what processors round otherwise is no difference."""


def compared(run: RunView, result: Mapping[str, Any], beside: RunView, other: Mapping[str, Any], because: Because) -> dict[str, Any]:
    """As JSON has it; `run` is what is reported on, and `better` says which of the two is better in each record."""
    statuses = [{check["check_id"]: check["status"] for check in one.checks or ()} for one in (run, beside)]
    checks = list(_checks(result["checks"], other["checks"], *statuses))
    found = [record["better"] for check in checks for record in check["records"]]
    counted = {"run": "better", "beside": "worse", "neither": "equal", None: "not_comparable"}
    return {
        "evidence": False,
        "note": NOTE,
        "because": because,
        "run": {name: getattr(run, name) for name in _RUN},
        "beside": {name: getattr(beside, name) for name in _RUN},
        "same": {
            "model": run.model_id == beside.model_id,
            "environment": run.environment == beside.environment,
            "plan_version": run.plan["sha256"] == beside.plan["sha256"],
            "data": _data(run) == _data(beside),
            "artifact": run.artifact_sha256 == beside.artifact_sha256,
        },
        "counts": {name: found.count(which) for which, name in counted.items()},
        "checks": checks,
    }


def _data(run: RunView) -> list[tuple[str, str]]:
    return sorted((data["input"], data["sha256"]) for data in run.datasets)


def _checks(
    records: Sequence[Record], others: Sequence[Record], mine_are: Mapping[str, str], theirs_are: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Those of both, in the first run's order, then what only the second one has."""
    mine, theirs = _keyed(records), _keyed(others)
    keys = [*mine, *(key for key in theirs if key not in mine)]
    for check_id in dict.fromkeys(key[0] for key in keys):
        of_check = [key for key in keys if key[0] == check_id]
        kind = (mine.get(of_check[0]) or theirs[of_check[0]]).get("check", "metric")
        statuses = {"run": mine_are.get(check_id), "beside": theirs_are.get(check_id)}
        found = [_record(mine.get(key), theirs.get(key)) for key in of_check]
        yield {"check_id": check_id, "check": kind, "statuses": statuses, "records": found}


def _keyed(records: Sequence[Record]) -> dict[Key, Record]:
    """By check, slice and metric; of several alike the first with the first."""
    found: dict[Key, Record] = {}
    for record in records:
        name = (record["check_id"], record.get("slice"), record["metric"])
        number = 0
        while (*name, number) in found:
            number += 1
        found[(*name, number)] = record
    return found


def _record(mine: Record | None, theirs: Record | None) -> dict[str, Any]:
    one = mine or theirs or {}
    difference = _difference(mine, theirs)
    return {
        "slice": one.get("slice"),
        "metric": one["metric"],
        "comparator": one.get("comparator"),
        "threshold": one.get("threshold"),
        "run": mine and {name: mine[name] for name in _VALUES},
        "beside": theirs and {name: theirs[name] for name in _VALUES},
        "difference": difference,
        "better": _better(one, mine, theirs, difference),
        "intervals_overlap": _overlap(mine, theirs),
    }


def _difference(mine: Record | None, theirs: Record | None) -> float | None:
    """This run's value minus the other's."""
    if mine is None or theirs is None or mine["value"] is None or theirs["value"] is None:
        return None
    first, second = float(mine["value"]), float(theirs["value"])
    return 0.0 if abs(first - second) <= _EQUAL * max(abs(first), abs(second)) else first - second


def _better(one: Record, mine: Record | None, theirs: Record | None, difference: float | None) -> str | None:
    """By the direction that the check asks for, else by that of the metric; None where there is no direction."""
    more = _more_is_better(one)
    if difference is None or more is None:
        return None
    if difference == 0:
        return "neither"
    return "run" if (difference > 0) == more else "beside"


def _more_is_better(one: Record) -> bool | None:
    if one.get("comparator"):
        return str(one["comparator"]).startswith(">")
    known = METRICS.get(str(one["metric"]))
    return None if known is None else known.better == "higher"


def _overlap(mine: Record | None, theirs: Record | None) -> bool | None:
    """Where both have an interval: whether these overlap, so that the difference may be chance."""
    if not mine or not theirs or not mine["ci"] or not theirs["ci"]:
        return None
    return bool(mine["ci"][0] <= theirs["ci"][1] and theirs["ci"][0] <= mine["ci"][1])
