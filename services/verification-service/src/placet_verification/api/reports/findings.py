"""What a person who decides reads first: the verdict in one sentence, then what is not as it should be, the worst first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from placet_verification.api.reports.advice import advice_for
from placet_verification.api.reports.picture import interval, named, number
from placet_verification.domain.records import blocks
from placet_verification.queries.runs import RunView

__all__ = ["Finding", "findings_of", "verdict_of"]

Summary = Mapping[str, Any]

_FROM_WORST = ("FAIL", "ERROR", "INSUFFICIENT_DATA", "WARN", "NOT_APPLICABLE")
_SAID = {
    "FAIL": "failed",
    "ERROR": "could not be measured",
    "INSUFFICIENT_DATA": "has too few data for a verdict",
    "WARN": "warns",
    "NOT_APPLICABLE": "does not apply",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that did not simply pass; `blocks` says whether it alone fails the run."""

    check_id: str
    kind: str
    status: str
    severity: str
    blocks: bool
    sentence: str
    look: str | None


def verdict_of(run: RunView) -> str:
    """One sentence about the run as a whole."""
    checks = run.checks or ()
    if run.status == "cancelled":
        return f"The run was cancelled, so there is no evidence for {run.environment} by this plan."
    if run.status == "errored":
        return f"The model could not be evaluated, so there is no evidence for {run.environment} by this plan."
    failing = [check for check in checks if blocks(check["severity"], check["status"])]
    doubtful = sum(check["status"] == "WARN" for check in checks)
    advice = sum(check["severity"] != "blocking" and check["status"] in ("FAIL", "ERROR", "INSUFFICIENT_DATA") for check in checks)
    rest = [f"{doubtful} with a warning" if doubtful else "", f"{advice} advisory not met" if advice else ""]
    besides = f"; {', '.join(part for part in rest if part)}" if any(rest) else ""
    if run.status == "passed":
        return f"Passed: no blocking check stands against {run.environment}, of {_count(checks)}{besides}."
    if not failing:
        return f"Failed: no check found anything good, of {_count(checks)}."
    stand = "check stands" if len(failing) == 1 else "checks stand"
    return f"Failed: {len(failing)} blocking {stand} against {run.environment}, of {_count(checks)}{besides}."


def findings_of(checks: Sequence[Summary]) -> list[Finding]:
    """The worst first: what fails the run, then by status, blocking before advisory, in the plan's order."""
    found = [check for check in checks if check["status"] in _FROM_WORST]
    return [_finding(check) for check in sorted(found, key=_rank)]


def _rank(check: Summary) -> tuple[bool, int, bool]:
    return not blocks(check["severity"], check["status"]), _FROM_WORST.index(check["status"]), check["severity"] != "blocking"


def _finding(check: Summary) -> Finding:
    kind, code = str(check.get("check", "metric")), check["reason_code"]
    because = f" ({named(code).replace('_', ' ')})" if code else ""
    said = f"{_SAID[check['status']]}{because}{_measured(check)}."
    status, severity = check["status"], check["severity"]
    return Finding(check["check_id"], kind, status, severity, blocks(severity, status), said, advice_for(code))


def _measured(check: Summary) -> str:
    if check["value"] is None:
        return ""
    around = f" ({interval(check['ci'])})" if check["ci"] else ""
    wanted = (
        f", must be {check['comparator']} {number(check['threshold'])}" if check["comparator"] and check["threshold"] is not None else ""
    )
    return f": {named(check['metric'])} is {number(check['value'])}{around}{wanted}"


def _count(checks: Sequence[Summary]) -> str:
    return f"{len(checks)} check{'' if len(checks) == 1 else 's'}"
