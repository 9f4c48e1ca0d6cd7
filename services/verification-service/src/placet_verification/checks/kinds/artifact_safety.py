"""The artifact can be loaded without danger: standard operators, no control flow, nothing outside the file, bounded sizes."""

from collections.abc import Mapping, Sequence
from typing import Any

from placet_verification.checks.kind import CheckKind, Parameters
from placet_verification.domain.records import Record

__all__ = ["KIND"]


class ArtifactSafetyParameters(Parameters):
    """None: the limits are the plan's `artifact`."""


def judge(wanted: ArtifactSafetyParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """FAIL with the first rule that is broken; `parameters` have what was found."""
    refused = found["reason_code"]
    return [
        Record(
            status="FAIL" if refused else "PASS",
            reason_code=refused,
            metric="bytes",
            value=float(found["bytes"]),
            method="static_gate",
            parameters=found["facts"],
        )
    ]


KIND = CheckKind(
    name="artifact_safety",
    version=1,
    purpose="The file has standard operators only, no control flow, no data outside of it, and sizes within the plan's `artifact` limits.",
    parameters=ArtifactSafetyParameters,
    measure="placet_verification.adapters.evaluation.measures.artifact_safety:measure",
    judge=judge,
    runs_the_model=False,
)
