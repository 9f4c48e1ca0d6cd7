"""The evidence that a sign-off is bound to: which result, of which run, by which version of which plan."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from placet_approval.domain.subjects import Verification, newest

__all__ = ["BoundEvidence", "run_bound", "run_renewing", "still_measured"]


@dataclass(frozen=True, slots=True)
class BoundEvidence:
    """One plan's part. The plan is not known of evidence that was bound before plans had versions here: all but run and result is None."""

    plan_id: str | None
    plan: str | None
    version: int | None
    sha256: str | None
    run_id: str
    result_sha256: str

    @classmethod
    def of(cls, run: Verification) -> Self:
        """The evidence that this run gives."""
        plan = run.plan
        return cls(plan.plan_id, plan.name, plan.version, plan.sha256, run.run_id, run.result_sha256)

    def content(self) -> dict[str, Any]:
        """Plain JSON, as events carry it in a list."""
        return {
            "plan_id": self.plan_id,
            "plan": self.plan,
            "version": self.version,
            "sha256": self.sha256,
            "run_id": self.run_id,
            "result_sha256": self.result_sha256,
        }

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The opposite of `content`."""
        return cls(**content)


def run_renewing(evidence: BoundEvidence, runs: Iterable[Verification]) -> Verification | None:
    """The run that counts for the bound evidence: the newest that repeats the bound run, even when another version of the plan is in
    force now. None when the bound run is not known with this result."""
    runs = tuple(runs)
    bound = run_bound(evidence, runs)
    return newest(run for run in runs if run.repeats(bound)) if bound else None


def run_bound(evidence: BoundEvidence, runs: Iterable[Verification]) -> Verification | None:
    """The run that was bound."""
    return next((run for run in runs if (run.run_id, run.result_sha256) == (evidence.run_id, evidence.result_sha256)), None)


def still_measured(evidence: BoundEvidence, runs: Sequence[Verification]) -> bool:
    """Whether the run that counts measured what the bound run did."""
    bound, renewing = run_bound(evidence, runs), run_renewing(evidence, runs)
    return bound is not None and renewing is not None and renewing.measured_sha256 == bound.measured_sha256
