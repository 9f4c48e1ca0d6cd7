"""The result of a run, which a sign-off binds: the same model, data, plan and engine give it again, byte for byte.

Durations, memory and hosts are observations; they are stored beside the result and never hashed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from placet_verification.domain.canonical import canonical
from placet_verification.domain.checks import Check, Judgement, Measurement, Outcome, judge, outcome_of

__all__ = ["FORMAT", "Evaluation", "Result", "conclude"]

FORMAT = "placet.result.v1"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The child process's report of a model that could be evaluated."""

    measurements: Sequence[Measurement]
    engine_versions: Mapping[str, str]
    sandbox: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """The judged checks and the deterministic report made of them; `body` is the report's canonical bytes."""

    outcome: Outcome
    judgements: tuple[Judgement, ...]
    report: Mapping[str, Any]
    body: bytes

    @property
    def sha256(self) -> str:
        """The digest of the body."""
        return hashlib.sha256(self.body).hexdigest()

    def summaries(self) -> list[dict[str, Any]]:
        """The checks as the run's event carries them."""
        return [judgement.summary() for judgement in self.judgements]


def conclude(document: Mapping[str, Any], plan_sha256: str, artifact_sha256: str, dataset_sha256: str, evaluation: Evaluation) -> Result:
    """Judge every check of the plan, in the plan's order. KeyError when a check was not measured, ValueError for what is no number."""
    found = {measurement.check_id: measurement for measurement in evaluation.measurements}
    checks = [Check.from_document(entry) for entry in document["checks"]]
    judgements = tuple(judge(check, found[check.check_id]) for check in checks)
    shared = {
        "model_sha256": artifact_sha256,
        "dataset_sha256": dataset_sha256,
        "engine_versions": dict(evaluation.engine_versions),
        "sandbox": dict(evaluation.sandbox),
    }
    outcome = outcome_of(judgements)
    report = {
        "format": FORMAT,
        "environment": document["environment"],
        "plan_sha256": plan_sha256,
        "outcome": outcome,
        "checks": [judgement.record() | shared for judgement in judgements],
    }
    return Result(outcome, judgements, report, canonical(report))
