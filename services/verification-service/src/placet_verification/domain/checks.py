"""A check: a measurement compared with a threshold. The child process measures; the verdict is decided here."""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from placet_verification.domain.metrics import METRICS

__all__ = ["Check", "Judgement", "Measurement", "Outcome", "Status", "judge", "outcome_of"]

Status = Literal["PASS", "WARN", "FAIL", "ERROR", "NOT_APPLICABLE", "INSUFFICIENT_DATA"]
Outcome = Literal["passed", "failed"]

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
_BLOCKING: frozenset[Status] = frozenset({"FAIL", "ERROR", "INSUFFICIENT_DATA"})


@dataclass(frozen=True, slots=True)
class Check:
    """A plan's requirement on one metric."""

    check_id: str
    metric: str
    comparator: str
    threshold: float
    warn: float | None
    severity: str
    judge: str
    minimum_rows: int
    minimum_per_class: int

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """One entry of a plan document's `checks`."""
        names = ("metric", "comparator", "threshold", "warn", "severity", "judge", "minimum_rows", "minimum_per_class")
        return cls(check_id=document["id"], **{name: document[name] for name in names})


@dataclass(frozen=True, slots=True)
class Measurement:
    """The child's measurement: the value with its 95 % interval, or why there is none."""

    check_id: str
    value: float | None
    ci: tuple[float, float] | None
    n: int
    n_positive: int | None
    smallest_class: int | None
    method: str
    parameters: Mapping[str, Any]
    seed: int | None
    reason_code: str | None = None

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The child's JSON; KeyError or TypeError where it is not in this form."""
        low_high = plain["ci"]
        ci = None if low_high is None else (_rounded(low_high[0]), _rounded(low_high[1]))
        value = None if plain["value"] is None else _rounded(plain["value"])
        rest = ("check_id", "n", "n_positive", "smallest_class", "method", "parameters", "seed", "reason_code")
        return cls(value=value, ci=ci, **{name: plain[name] for name in rest})


@dataclass(frozen=True, slots=True)
class Judgement:
    """A check, its measurement and its status."""

    check: Check
    measurement: Measurement
    status: Status
    reason_code: str | None

    @property
    def blocks(self) -> bool:
        """Whether this check alone fails the run."""
        return self.check.severity == "blocking" and self.status in _BLOCKING

    def summary(self) -> dict[str, Any]:
        """Its form in the run's event."""
        check, found = self.check, self.measurement
        return {
            "check_id": check.check_id,
            "status": self.status,
            "severity": check.severity,
            "metric": check.metric,
            "value": found.value,
            "ci": None if found.ci is None else list(found.ci),
            "comparator": check.comparator,
            "threshold": check.threshold,
            "n": found.n,
            "reason_code": self.reason_code,
        }

    def record(self) -> dict[str, Any]:
        """Its record in the result, without the fields that all checks of a run share."""
        found = self.measurement
        return {
            **self.summary(),
            "check_version": METRICS[self.check.metric].version,
            "warn": self.check.warn,
            "judge": self.check.judge,
            "baseline_value": None,
            "slice": None,
            "n_positive": found.n_positive,
            "method": found.method,
            "parameters": dict(found.parameters),
            "seed": found.seed,
        }


def judge(check: Check, found: Measurement) -> Judgement:
    """Compare; too few rows, or a value that is not defined on this data, is never a PASS."""
    status, reason = _verdict(check, found)
    return Judgement(check, found, status, reason)


def outcome_of(judgements: Iterable[Judgement]) -> Outcome:
    """A run fails by any blocking check that failed or has no verdict."""
    return "failed" if any(judgement.blocks for judgement in judgements) else "passed"


def _verdict(check: Check, found: Measurement) -> tuple[Status, str | None]:
    if found.n < check.minimum_rows:
        return "INSUFFICIENT_DATA", "too_few_rows"
    if found.smallest_class is not None and found.smallest_class < check.minimum_per_class:
        return "INSUFFICIENT_DATA", "too_few_of_a_class"
    if found.value is None:
        return "INSUFFICIENT_DATA", found.reason_code or "not_defined"
    if check.judge == "interval":
        return _by_interval(check, found)
    holds = _COMPARE[check.comparator]
    if not holds(found.value, check.threshold):
        return "FAIL", "threshold_missed"
    if check.warn is not None and not holds(found.value, check.warn):
        return "WARN", "near_threshold"
    return "PASS", None


def _by_interval(check: Check, found: Measurement) -> tuple[Status, str | None]:
    if found.ci is None:
        return "INSUFFICIENT_DATA", "no_interval"
    ends = [_COMPARE[check.comparator](end, check.threshold) for end in found.ci]
    if all(ends):
        return "PASS", None
    return ("WARN", "inconclusive") if any(ends) else ("FAIL", "threshold_missed")


def _rounded(value: float) -> float:
    """Nine significant digits: processors add in different orders, and the last bits are not the model's."""
    return float(f"{float(value):.9g}")
