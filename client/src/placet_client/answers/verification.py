"""Plans, runs and attestations, as verification-service answers."""

from datetime import datetime
from typing import Any

from placet_client.answers.answer import Answer, Part

__all__ = [
    "UNFINISHED",
    "Attempt",
    "Attestation",
    "CancelledRun",
    "Champion",
    "Check",
    "CheckFound",
    "CheckKind",
    "CheckKinds",
    "ConcernedModel",
    "Plan",
    "PlanInForce",
    "PlanPreview",
    "PlanReference",
    "PlansInForce",
    "PublishedPlan",
    "RecordedAttestation",
    "RequestedRun",
    "Run",
    "RunData",
    "RunSummary",
    "Verification",
    "WithdrawnPlan",
]

UNFINISHED = frozenset({"queued", "running"})


class PlanReference(Part, frozen=True, kw_only=True):
    """One version of a plan."""

    id: str
    name: str
    version: int
    sha256: str


class Plan(Answer, frozen=True, kw_only=True):
    """One version of a plan; `document` is its full form, `text` the YAML it came as."""

    id: str
    name: str
    version: int
    environments: tuple[str, ...] = ()
    sha256: str
    in_force: bool
    withdrawn_at: datetime | None = None
    document: dict[str, Any] = {}
    text: str | None = None
    published_by: str
    published_at: datetime


class PlanInForce(Part, frozen=True, kw_only=True):
    """A plan that a version must pass; `because` is the entry of its `for` that fits the model."""

    id: str
    name: str
    version: int
    sha256: str
    because: str
    document: dict[str, Any] = {}


class PlansInForce(Answer, frozen=True, kw_only=True):
    """Every plan in force for a version in an environment."""

    items: tuple[PlanInForce, ...] = ()


class ConcernedModel(Part, frozen=True, kw_only=True):
    """A model that a plan would be for; `latest_number` is that of its newest version, 0 without one."""

    id: str
    name: str
    latest_number: int
    because: str


class PlanPreview(Answer, frozen=True, kw_only=True):
    """What publishing a plan would change; `models` are the first of `models_in_all`, `current` is the newest version if there is one."""

    name: str
    environments: tuple[str, ...] = ()
    takes_effect: str
    sha256: str
    changed: bool
    document: dict[str, Any] = {}
    current: Plan | None = None
    models: tuple[ConcernedModel, ...] = ()
    models_in_all: int
    complete: bool


class PublishedPlan(Answer, frozen=True, kw_only=True):
    """The version in force; `changed` is false when it says the same as the one before."""

    id: str
    name: str
    version: int
    sha256: str
    environments: tuple[str, ...] = ()
    takes_effect: str
    changed: bool


class WithdrawnPlan(Answer, frozen=True, kw_only=True):
    """The last version that was in force."""

    id: str
    name: str
    version: int


class Check(Part, frozen=True, kw_only=True):
    """A check by its worst record of so many `records`; `status` is PASS, WARN, FAIL, ERROR, NOT_APPLICABLE or INSUFFICIENT_DATA."""

    check_id: str
    check: str = "metric"
    status: str
    severity: str
    metric: str | None = None
    value: float | None = None
    ci: tuple[Any, ...] | None = None
    comparator: str | None = None
    threshold: float | None = None
    n: int | None = None
    reason_code: str | None = None
    records: int = 1


class CheckKind(Part, frozen=True, kw_only=True):
    """A kind of check; `parameters` is a JSON schema, `needs` what a plan must name beside the data."""

    name: str
    version: int
    purpose: str
    runs_the_model: bool
    needs: tuple[str, ...] = ()
    parameters: dict[str, Any] = {}


class CheckKinds(Answer, frozen=True, kw_only=True):
    """All that are installed for verification-service."""

    items: tuple[CheckKind, ...] = ()


class CheckFound(Answer, frozen=True, kw_only=True):
    """One run's worst record of a check."""

    run_id: str
    version_id: str
    environment: str
    plan: str
    plan_version: int
    outcome: str
    ended_at: datetime
    status: str
    metric: str | None = None
    value: float | None = None
    ci: tuple[Any, ...] | None = None
    comparator: str | None = None
    threshold: float | None = None
    n: int | None = None
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


class RunData(Part, frozen=True, kw_only=True):
    """A data set of a run; `input` is evaluation, training or reference."""

    input: str
    sha256: str


class Champion(Part, frozen=True, kw_only=True):
    """The version that a run compares with; None when nothing was deployed."""

    version_id: str | None = None
    artifact_sha256: str | None = None


class RequestedRun(Answer, frozen=True, kw_only=True):
    """A run that was requested now."""

    id: str
    model_id: str
    version_id: str
    environment: str
    plan: PlanReference
    artifact_sha256: str
    datasets: tuple[RunData, ...] = ()
    dataset_sha256: str | None = None
    champion: Champion | None = None


class Verification(Answer, frozen=True, kw_only=True):
    """Runs that were requested now, one by each plan in force."""

    model_id: str
    version_id: str
    environment: str
    runs: tuple[RequestedRun, ...] = ()


class CancelledRun(Answer, frozen=True, kw_only=True):
    """The run that was cancelled now."""

    id: str
    status: str


class RunSummary(Answer, frozen=True, kw_only=True):
    """A run in a listing; `status` is queued, running, passed, failed, errored or cancelled."""

    id: str
    model_id: str
    version_id: str
    environment: str
    plan: PlanReference
    artifact_sha256: str
    datasets: tuple[RunData, ...] = ()
    dataset_sha256: str | None = None
    champion: Champion | None = None
    status: str
    result_sha256: str | None = None
    measured_sha256: str | None = None
    reason_code: str | None = None
    detail: str | None = None
    resolve: str | None = None
    checks: tuple[Check, ...] | None = None
    requested_by: str
    requested_at: datetime
    ended_at: datetime | None = None
    cancelled_by: str | None = None
    cancel_reason: str | None = None
    revision: int

    @property
    def has_ended(self) -> bool:
        """Whether it is over, with a result or without."""
        return self.status not in UNFINISHED


class Run(RunSummary, frozen=True, kw_only=True):
    """A run with every attempt; `place` is that in the queue of a run that waits for a worker, counted from 1. `held_out` is false when
    the lineage named the evaluation data as training data as it ended."""

    attempts: tuple[Attempt, ...] = ()
    held_out: bool | None = None
    place: int | None = None


class RecordedAttestation(Answer, frozen=True, kw_only=True):
    """`sha256` is that of the envelope, `statement_sha256` of what was signed; `artifacts` are the digests that it is about."""

    sha256: str
    statement_sha256: str
    predicate_type: str
    artifacts: tuple[str, ...] = ()
    model_id: str


class Attestation(RecordedAttestation, frozen=True, kw_only=True):
    """An attestation in a listing; whose signatures count, a plan says."""

    recorded_by: str
    recorded_at: datetime
