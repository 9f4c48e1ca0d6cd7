"""Two runs beside each other, as verification-service answers."""

from datetime import datetime
from typing import Any

from placet_client.answers.answer import Answer, Part
from placet_client.answers.verification import PlanReference

__all__ = ["ComparedCheck", "ComparedRecord", "ComparedRun", "ComparedStatuses", "ComparedValue", "Comparison", "ComparisonCounts", "Same"]


class ComparedRun(Part, frozen=True, kw_only=True):
    """One of two runs."""

    id: str
    version_id: str
    model_id: str
    environment: str
    status: str
    plan: PlanReference
    artifact_sha256: str
    result_sha256: str
    ended_at: datetime


class Same(Part, frozen=True, kw_only=True):
    """What both runs have in common."""

    model: bool
    environment: bool
    plan_version: bool
    data: bool
    artifact: bool


class ComparisonCounts(Part, frozen=True, kw_only=True):
    """Records in which the run is better or worse than the one beside it."""

    better: int
    worse: int
    equal: int
    not_comparable: int


class ComparedValue(Part, frozen=True, kw_only=True):
    """What one of the runs has found."""

    status: str
    value: float | None = None
    ci: tuple[Any, ...] | None = None
    n: int | None = None
    reason_code: str | None = None


class ComparedRecord(Part, frozen=True, kw_only=True):
    """A record of both; `better` is run, beside or neither, None where the metric has no direction."""

    slice: str | None = None
    metric: str | None = None
    comparator: str | None = None
    threshold: float | None = None
    run: ComparedValue | None = None
    beside: ComparedValue | None = None
    difference: float | None = None
    better: str | None = None
    intervals_overlap: bool | None = None


class ComparedStatuses(Part, frozen=True, kw_only=True):
    """A check's status in both; None for the run that does not have it."""

    run: str | None = None
    beside: str | None = None


class ComparedCheck(Part, frozen=True, kw_only=True):
    """A check of either run."""

    check_id: str
    check: str
    statuses: ComparedStatuses
    records: tuple[ComparedRecord, ...] = ()


class Comparison(Answer, frozen=True, kw_only=True):
    """To be read, and no evidence; `because` is named or champion."""

    evidence: bool
    note: str
    because: str
    run: ComparedRun
    beside: ComparedRun
    same: Same
    counts: ComparisonCounts
    checks: tuple[ComparedCheck, ...] = ()
