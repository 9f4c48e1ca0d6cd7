"""The evidence that a sign-off is bound to: which result, of which run, by which version of which plan."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from placet_approval.domain.policy_terms import EvidenceTerms
from placet_approval.domain.subjects import Verification, newest

__all__ = ["BoundEvidence", "run_renewing"]


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

    def is_by(self, run: Verification) -> bool:
        """Whether the run was by the plan version that is bound."""
        return (run.plan.plan_id, run.plan.version) == (self.plan_id, self.version)


def run_renewing(evidence: Sequence[BoundEvidence], terms: EvidenceTerms | None, runs: Iterable[Verification]) -> Verification | None:
    """The run that counts for the bound evidence: the newest by the bound plan version, even when another version is in force now.

    Of evidence whose plan is not known: the newest by the plan that the policy names, if it names one.
    """
    bound = next(iter(evidence), None)
    if bound is None:
        return None
    if bound.plan_id is not None:
        return newest(run for run in runs if bound.is_by(run))
    named = terms.plan if terms else None
    return newest(run for run in runs if named is None or run.plan.name == named)
