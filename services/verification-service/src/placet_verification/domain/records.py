"""What a check has found: one or more records, the status they add up to, and whether that fails the run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from placet_shared.measured import MeasuredRecord, measured_record

__all__ = ["Judgement", "Outcome", "Record", "Status", "blocks", "outcome_of"]

Status = Literal["PASS", "WARN", "FAIL", "ERROR", "NOT_APPLICABLE", "INSUFFICIENT_DATA"]
Outcome = Literal["passed", "failed"]

_FROM_WORST: Sequence[Status] = ("ERROR", "FAIL", "INSUFFICIENT_DATA", "WARN", "PASS", "NOT_APPLICABLE")
_GOOD: frozenset[Status] = frozenset({"PASS", "WARN"})
_FAILING: frozenset[str] = frozenset({"ERROR", "FAIL", "INSUFFICIENT_DATA"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One comparison, of everything or of a slice of the data.

    `counts` is false for what is listed and decides nothing, such as a group that is too small to be judged.
    """

    status: Status
    metric: str | None = None
    value: float | None = None
    ci: tuple[float, float] | None = None
    comparator: str | None = None
    threshold: float | None = None
    baseline_value: float | None = None
    slice: str | None = None
    n: int | None = None
    n_positive: int | None = None
    reason_code: str | None = None
    method: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    counts: bool = True

    def plain(self) -> dict[str, Any]:
        """Its form in the result."""
        names = ("status", "metric", "value", "comparator", "threshold", "baseline_value", "slice", "n", "n_positive", "reason_code")
        more = {"method": self.method, "parameters": dict(self.parameters), "seed": self.seed, "counts": self.counts}
        return {**{name: getattr(self, name) for name in names}, "ci": None if self.ci is None else list(self.ci), **more}

    def measured(self) -> MeasuredRecord:
        """What a run that renews the evidence must find again."""
        return measured_record(self.slice, self.metric, self.status, self.value)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A check of the plan with its records, of which there is at least one."""

    check_id: str
    check: str
    check_version: int
    severity: str
    records: tuple[Record, ...]

    @property
    def worst(self) -> Record:
        """The first record with the check's status."""
        counting = [record for record in self.records if record.counts] or self.records
        return min(counting, key=lambda record: _FROM_WORST.index(record.status))

    @property
    def status(self) -> Status:
        """The worst status among the records that count; where none does, the data are too few to judge."""
        return self.worst.status if any(record.counts for record in self.records) else "INSUFFICIENT_DATA"

    @property
    def blocks(self) -> bool:
        """Whether this check alone fails the run."""
        return blocks(self.severity, self.status)

    def summary(self) -> dict[str, Any]:
        """Its form in the run's event."""
        worst = self.worst
        return {
            "check_id": self.check_id,
            "check": self.check,
            "status": self.status,
            "severity": self.severity,
            "metric": worst.metric,
            "value": worst.value,
            "ci": None if worst.ci is None else list(worst.ci),
            "comparator": worst.comparator,
            "threshold": worst.threshold,
            "n": worst.n,
            "reason_code": worst.reason_code,
            "records": len(self.records),
        }

    def plain(self) -> list[dict[str, Any]]:
        """Its records in the result."""
        head = {"check_id": self.check_id, "check": self.check, "check_version": self.check_version, "severity": self.severity}
        return [{**head, **record.plain()} for record in self.records]


def blocks(severity: str, status: str) -> bool:
    """Whether a check of this severity and status alone fails its run."""
    return severity == "blocking" and status in _FAILING


def outcome_of(judgements: Iterable[Judgement]) -> Outcome:
    """A run fails by any blocking check that failed or has no verdict, and when no check at all found something good."""
    judgements = tuple(judgements)
    found_good = any(judgement.status in _GOOD for judgement in judgements)
    return "passed" if found_good and not any(judgement.blocks for judgement in judgements) else "failed"
