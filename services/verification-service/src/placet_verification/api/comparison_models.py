"""Response models of two runs beside each other, for the OpenAPI document; a test checks real answers against them."""

from datetime import datetime
from typing import Literal

from placet_shared.contracts.verification import CheckStatus, PlanReference
from placet_verification.api.response_models import Id, RunStatus, Sha256, Shape

__all__ = ["ComparisonAnswer"]


class ComparedRun(Shape):
    """One of two runs."""

    id: Id
    version_id: Id
    model_id: Id
    environment: str
    status: RunStatus
    plan: PlanReference
    artifact_sha256: Sha256
    result_sha256: Sha256
    ended_at: datetime


class SameAnswer(Shape):
    """What both runs have in common."""

    model: bool
    environment: bool
    plan_version: bool
    data: bool
    artifact: bool


class ComparisonCounts(Shape):
    """Records in which the run is better or worse than the one beside it."""

    better: int
    worse: int
    equal: int
    not_comparable: int


class ComparedValue(Shape):
    """What one of the runs has found."""

    status: CheckStatus
    value: float | None
    ci: list[float] | None
    n: int | None
    reason_code: str | None


class ComparedRecord(Shape):
    """A record of both; null for the run that does not have it. `difference` is the run's value minus the other's; `better` is null
    where the metric has no direction."""

    slice: str | None
    metric: str | None
    comparator: str | None
    threshold: float | None
    run: ComparedValue | None
    beside: ComparedValue | None
    difference: float | None
    better: Literal["run", "beside", "neither"] | None
    intervals_overlap: bool | None


class ComparedStatuses(Shape):
    """A check's status in both; null for the run that does not have it."""

    run: CheckStatus | None
    beside: CheckStatus | None


class ComparedCheck(Shape):
    """A check of either run."""

    check_id: str
    check: str
    statuses: ComparedStatuses
    records: list[ComparedRecord]


class ComparisonAnswer(Shape):
    """Two runs beside each other; `because` says whether the other one was named, or is that of the deployed version."""

    evidence: Literal[False]
    note: str
    because: Literal["champion", "named"]
    run: ComparedRun
    beside: ComparedRun
    same: SameAnswer
    counts: ComparisonCounts
    checks: list[ComparedCheck]
