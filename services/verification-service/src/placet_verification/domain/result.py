"""The result of a run, which a sign-off binds: the same model, data, plan and engine give it again, byte for byte.

Durations, memory and hosts are observations; they are stored beside the result and never hashed.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from placet_shared.measured import measured_digest
from placet_verification.domain.canonical import canonical
from placet_verification.domain.records import Judgement, Outcome, outcome_of

__all__ = ["FORMAT", "Evaluation", "Result"]

FORMAT = "placet.result.v2"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The child process's report of a model that could be evaluated: plain JSON by check, not judged yet.

    `observed` is what it observed for some checks, such as durations: their verdicts rest on it, and the result does not hold it.
    """

    measured: Mapping[str, Mapping[str, Any]]
    engine_versions: Mapping[str, str]
    sandbox: Mapping[str, Any]
    observed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """The judged checks and the deterministic report made of them; `body` is the report's canonical bytes."""

    outcome: Outcome
    judgements: tuple[Judgement, ...]
    report: Mapping[str, Any]
    body: bytes

    @classmethod
    def of(cls, bound: Mapping[str, Any], judgements: tuple[Judgement, ...], evaluation: Evaluation) -> Self:
        """`bound` is what the run was bound to, by digest. ValueError for what is no number."""
        outcome = outcome_of(judgements)
        report = {
            "format": FORMAT,
            **bound,
            "outcome": outcome,
            "engine_versions": dict(evaluation.engine_versions),
            "sandbox": dict(evaluation.sandbox),
            "checks": [record for judgement in judgements for record in judgement.plain()],
        }
        return cls(outcome, judgements, report, canonical(report))

    @property
    def sha256(self) -> str:
        """The digest of the body."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def measured_sha256(self) -> str:
        """The digest of what was measured, rounded, without engine and sandbox: it tells whether a later run found the same."""
        return measured_digest({judgement.check_id: [record.measured() for record in judgement.records] for judgement in self.judgements})

    def summaries(self) -> list[dict[str, Any]]:
        """The checks as the run's event carries them."""
        return [judgement.summary() for judgement in self.judgements]
