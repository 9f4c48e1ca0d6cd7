"""The subjects of decisions, as this service knows them from registry's and verification's events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from placet_approval.domain.policy_terms import EvidenceTerms

__all__ = ["GovernedVersion", "PlanVersion", "Verification", "newest", "runs_in_force"]


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

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """From a row of `known_plans`."""
        return cls(row["plan_id"], row["name"], row["version"], row["sha256"])

    def __str__(self) -> str:
        return f"{self.name} version {self.version}"


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of one verification run of a version for an environment; `result_sha256` is the digest of its result."""

    run_id: str
    plan: PlanVersion
    passed: bool
    result_sha256: str
    finished_at: datetime

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """From a row of `known_runs`."""
        plan = PlanVersion(row["plan_id"], row["plan"], row["plan_version"], row["plan_sha256"])
        return cls(row["run_id"], plan, row["passed"], row["result_sha256"], row["finished_at"])


def newest(runs: Iterable[Verification]) -> Verification | None:
    """The run that counts among several of one plan version."""
    return max(runs, key=lambda run: (run.finished_at, run.run_id), default=None)


def runs_in_force(terms: EvidenceTerms | None, plan: PlanVersion | None, runs: Iterable[Verification]) -> list[Verification]:
    """Those by the plan version in force, which must be the plan that the policy names if it names one."""
    if plan is None or (terms and terms.plan is not None and terms.plan != plan.name):
        return []
    return [run for run in runs if run.plan == plan]
