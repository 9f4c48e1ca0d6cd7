"""Plans and runs, as verification-service answers."""

from datetime import datetime
from typing import Any

from placet_client.answers.answer import Answer, Part

__all__ = ["Attempt", "Check", "Plan", "PlanReference", "Plans", "PublishedPlan", "RequestedRun", "Run", "RunSummary"]

UNFINISHED = frozenset({"queued", "running"})


class PlanReference(Part, frozen=True, kw_only=True):
    """One version of a plan."""

    id: str
    name: str
    version: int
    sha256: str


class Plan(Answer, frozen=True, kw_only=True):
    """What is checked for an environment; `document` is its full form, `text` the YAML it came as."""

    id: str
    environment: str
    version: int
    name: str
    sha256: str
    document: dict[str, Any] = {}
    text: str | None = None
    published_by: str
    published_at: datetime


class Plans(Answer, frozen=True, kw_only=True):
    """The plans in force."""

    items: tuple[Plan, ...] = ()


class PublishedPlan(Answer, frozen=True, kw_only=True):
    """The version in force; `changed` is false when it says the same as the one before."""

    id: str
    name: str
    version: int
    sha256: str
    environment: str
    changed: bool


class Check(Part, frozen=True, kw_only=True):
    """What one check measured; `status` is PASS, WARN, FAIL, ERROR, NOT_APPLICABLE or INSUFFICIENT_DATA."""

    check_id: str
    status: str
    severity: str
    metric: str
    value: float | None = None
    ci: tuple[Any, ...] | None = None
    comparator: str
    threshold: float
    n: int
    reason_code: str | None = None


class Attempt(Part, frozen=True, kw_only=True):
    """One attempt of a worker."""

    number: int
    worker: str
    started_at: datetime
    heartbeat_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None
    reason_code: str | None = None
    facts: dict[str, Any] = {}


class RequestedRun(Answer, frozen=True, kw_only=True):
    """A run that was requested now."""

    id: str
    model_id: str
    version_id: str
    environment: str
    plan: PlanReference
    artifact_sha256: str
    dataset_sha256: str


class RunSummary(Answer, frozen=True, kw_only=True):
    """A run in a listing; `status` is queued, running, passed, failed or errored."""

    id: str
    model_id: str
    version_id: str
    environment: str
    plan: PlanReference
    artifact_sha256: str
    dataset_sha256: str
    status: str
    result_sha256: str | None = None
    reason_code: str | None = None
    detail: str | None = None
    resolve: str | None = None
    checks: tuple[Check, ...] | None = None
    requested_by: str
    requested_at: datetime
    ended_at: datetime | None = None
    revision: int

    @property
    def has_ended(self) -> bool:
        """Whether it is over, with a result or without."""
        return self.status not in UNFINISHED


class Run(RunSummary, frozen=True, kw_only=True):
    """A run with every attempt."""

    attempts: tuple[Attempt, ...] = ()
