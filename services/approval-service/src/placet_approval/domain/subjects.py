"""The subjects of decisions, as this service knows them from registry's and verification's events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

__all__ = ["GovernedVersion", "PlanInForce", "PlanVersion", "Verification", "newest"]


@dataclass(frozen=True, slots=True)
class GovernedVersion:
    """One immutable version, and which bytes it is."""

    version_id: str
    model_id: str
    number: int
    artifact_sha256: str

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """From a row of `known_versions`."""
        return cls(row["version_id"], row["model_id"], row["number"], row["artifact_sha256"])


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """One immutable version of a verification plan."""

    plan_id: str
    name: str
    version: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.name} version {self.version}"


@dataclass(frozen=True, slots=True)
class PlanInForce:
    """A plan that selects the model in the environment, and the version of it that requests need evidence by now.

    Evidence by a version before `required_version` no longer counts, whenever it was bound; 0 as long as no version took effect at once.
    """

    current: PlanVersion
    required_version: int = 0

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """From a row of `known_plans`."""
        return cls(PlanVersion(row["plan_id"], row["name"], row["version"], row["sha256"]), row["required_version"])


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of one verification run of a version for an environment; `result_sha256` is the digest of its result.

    `pins` are the data and the champion that it was made with; a plan that `compares` holds the model against the `champion`, which is
    None when nothing was deployed. `measured_sha256` is what it measured, rounded, apart from the engine.

    A run considers what there was when it was requested, and may wait for long in the queue. So `as_of` is the position of the request if
    it passed and of the end if it failed: a pass answers only those failures that were known when it was requested.
    """

    run_id: str
    plan: PlanVersion
    passed: bool
    result_sha256: str
    measured_sha256: str
    pins: str
    finished_at: datetime
    as_of: int
    compares: bool = False
    champion: str | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """From a row of `known_outcomes`."""
        plan = PlanVersion(row["plan_id"], row["plan"], row["plan_version"], row["plan_sha256"])
        found = ("passed", "result_sha256", "measured_sha256", "pins", "finished_at", "as_of", "compares", "champion")
        return cls(row["run_id"], plan, *(row[name] for name in found))

    @property
    def evaluated_on(self) -> str | None:
        """The digest of the data that it was measured on; None where the model was not run."""
        return next((pin.removeprefix("evaluation ") for pin in self.pins.split(", ") if pin.startswith("evaluation ")), None)

    def repeats(self, other: "Verification") -> bool:
        """Whether it was by the same plan version on the same data, with the same champion."""
        return (self.plan, self.pins) == (other.plan, other.pins)


def newest(runs: Iterable[Verification]) -> Verification | None:
    """The run that counts among several that repeat one another."""
    return max(runs, key=lambda run: (run.as_of, run.run_id), default=None)
