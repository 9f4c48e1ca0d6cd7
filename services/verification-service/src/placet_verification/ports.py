"""Ports of the use cases and the worker: the registry, a blob cache, the queue, and a sandbox for models."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from placet_shared.model_selectors import SelectableModel
from placet_verification.domain.result import Evaluation

__all__ = [
    "Blobs",
    "DataFile",
    "Deployed",
    "Evaluator",
    "Job",
    "ModelFile",
    "Queue",
    "Refusal",
    "RegisteredDataSet",
    "RegisteredModel",
    "RegisteredVersion",
    "Registration",
    "Registry",
    "Report",
    "RowTrial",
    "RowTrialQueue",
    "Trial",
    "TriedVersion",
]


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """An immutable version as the registry knows it; `kept` says whether its bytes lie there (else only a reference does),
    `training_data` are the digests that its lineage names in this role by now."""

    version_id: str
    model_id: str
    number: int
    artifact_sha256: str
    format: str
    kept: bool
    signature: Mapping[str, Any] | None
    registered_at: datetime
    training_data: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """A model with what plans select it by."""

    selectable: SelectableModel
    latest_number: int


@dataclass(frozen=True, slots=True)
class Deployed:
    """A version that runs somewhere, and its bytes."""

    version_id: str
    artifact_sha256: str


@dataclass(frozen=True, slots=True)
class RegisteredDataSet:
    """One version of a named data set."""

    name: str
    number: int
    sha256: str
    format: str


@dataclass(frozen=True, slots=True)
class Registration:
    """What is registered about a version and its model, as far as checks look at it.

    `stated` has for each fact how many entries it has, 0 for one that is not stated; for the description its characters.
    """

    tags: Mapping[str, str]
    stated: Mapping[str, int]


class Registry(Protocol):
    """The registry of models. Every method raises `Unavailable` when there is no answer."""

    async def version(self, version_id: str) -> RegisteredVersion | None:
        """The version, None when there is none."""
        ...

    async def model(self, model_id: str) -> RegisteredModel | None:
        """The model, None when there is none."""
        ...

    async def registration(self, version_id: str) -> Registration | None:
        """What is registered about the version and its model now, None when there is no such version."""
        ...

    def versions_with(self, sha256: str) -> AsyncIterator[RegisteredVersion]:
        """All versions that have these bytes, of any model."""
        ...

    def models(self, sha256: str | None = None) -> AsyncIterator[RegisteredModel]:
        """All of them, or those that have a version with these bytes; by name."""
        ...

    async def deployed(self, model_id: str, environment: str) -> Deployed | None:
        """What of the model runs in the environment now, None when nothing does."""
        ...

    async def environments(self) -> frozenset[str]:
        """The names of all."""
        ...

    async def dataset(self, name: str) -> RegisteredDataSet | None:
        """The newest version of a data set, None when there is none of this name."""
        ...


class Blobs(Protocol):
    """Bytes by SHA-256, fetched to this machine."""

    async def fetch(self, sha256: str) -> Path:
        """A file whose bytes were checked; raises `NotFound` when the registry has none, `Unavailable` when they can't be fetched now."""
        ...


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file on this machine and the digest that it must have."""

    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelFile(DataFile):
    """A model on this machine; `format` is what was registered."""

    format: str


@dataclass(frozen=True, slots=True)
class Trial:
    """The inputs of a trial, all by digest; `document` is the plan's, `format` the version's, `datasets` are by what the plan uses them
    for, `measures` says which functions measure its kinds of checks (`package.module:function`),
    `further_columns` are those of the evaluation data that they want beside label and inputs, and `champion` is the model that it is
    compared with."""

    document: Mapping[str, Any]
    format: str
    artifact: Path
    artifact_sha256: str
    datasets: Mapping[str, DataFile]
    measures: Mapping[str, str]
    further_columns: Sequence[str]
    champion: ModelFile | None
    signature: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a model could not be evaluated; another attempt would end the same."""

    reason_code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a trial, and its observations (never hashed)."""

    finding: Evaluation | Refusal
    observations: Mapping[str, Any]


class Evaluator(Protocol):
    """Runs trials of untrusted models in isolation."""

    async def evaluate(self, trial: Trial) -> Report:
        """Returns within the plan's wall clock, for any behaviour of the model."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """A run that this worker has claimed; `attempt` counts from 1. When it is `exhausted`, no worker returned from any of them."""

    run_id: str
    attempt: int
    exhausted: bool = False


class Queue(Protocol):
    """The jobs, for which people take turns. A claim is a lease, to be renewed. Every method raises `Unavailable` without a database."""

    async def claim(self) -> Job | None:
        """The job whose turn it is, of those that are due or whose lease has expired."""
        ...

    async def ended(self, job: Job, seconds: float) -> bool:
        """Wait until the job was ended or given to another worker, at most so long; whether it was."""
        ...

    async def renew(self, job: Job) -> bool:
        """Renew the lease; False when the job was ended or given to another worker."""
        ...

    async def give_back(self, job: Job, reason_code: str, seconds: float) -> None:
        """Give the job back; a worker may claim it again after so long."""
        ...

    async def wait(self, seconds: float) -> None:
        """Wait until there may be another job than at the last `claim`, at most so long."""
        ...


@dataclass(frozen=True, slots=True)
class TriedVersion:
    """What rows are tried on: a version, and a plan that says what its columns and predictions mean; everything by digest.

    `document` is the plan's, `datasets` holds the evaluation data alone.
    """

    model_id: str
    version_id: str
    environment: str
    plan: Mapping[str, Any]
    document: Mapping[str, Any]
    format: str
    artifact_sha256: str
    datasets: Mapping[str, str]
    signature: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class RowTrial:
    """Rows that a person wants tried, claimed by a worker; `attempt` and `exhausted` are as in `Job`."""

    trial_id: str
    version: TriedVersion
    rows: Sequence[Mapping[str, Any]]
    attempt: int
    exhausted: bool = False


class RowTrialQueue(Protocol):
    """The trials of rows; a claim is a lease as in `Queue`. Every method raises `Unavailable` without a database."""

    async def add(self, trial_id: str, person: str, version: TriedVersion, rows: Sequence[Mapping[str, Any]]) -> None:
        """Raises `TooMany` when this person, or all together, have as many open as they may."""
        ...

    async def claim(self) -> RowTrial | None:
        """The one that waits longest, or whose lease has expired."""
        ...

    async def renew(self, trial: RowTrial) -> bool:
        """Renew the lease; False when the trial was answered, given to another worker, or removed."""
        ...

    async def give_back(self, trial: RowTrial, seconds: float) -> None:
        """Give the trial back; a worker may claim it again after so long."""
        ...

    async def end(self, trial: RowTrial, answer: Mapping[str, Any] | Refusal) -> bool:
        """Keep the answer until it is read; False when there is one already, or another worker has the trial."""
        ...
