"""Trials in the sandbox that verification's workers use, without a database and other services."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bench.many_rows import COLUMNS, Files, sha256
from placet_verification.adapters.sandbox import Sandbox
from placet_verification.api.plan_documents import read_plan
from placet_verification.checks import further_columns, measures_of
from placet_verification.domain.result import Evaluation
from placet_verification.ports import DataFile, Report, Trial

__all__ = ["EXPLAINED", "FULL", "METRICS", "evaluated", "plan_text", "trial"]

METRICS: Sequence[Mapping[str, Any]] = (
    {"id": "roc_auc", "metric": "roc_auc", "comparator": ">=", "threshold": 0.8},
    {"id": "log_loss", "metric": "log_loss", "comparator": "<=", "threshold": 0.6},
    {"id": "brier", "metric": "brier", "comparator": "<=", "threshold": 0.2},
    {"id": "accuracy", "metric": "accuracy", "comparator": ">=", "threshold": 0.7},
)
_JUDGING = (
    "artifact_safety", "better_than_dummy", "calibration", "confusion", "data_quality", "drift", "error_tree", "latency", "reproducible",
    "robustness", "signature", "weakest_slices",
)  # fmt: skip
FULL: Sequence[Mapping[str, Any]] = (
    *METRICS,
    *({"id": kind, "check": kind} for kind in _JUDGING),
    {"id": "subgroups", "check": "subgroups", "columns": ["g"]},
)
EXPLAINED: Sequence[Mapping[str, Any]] = (*FULL, *({"id": kind, "check": kind} for kind in ("dependence", "explanations", "importance")))

SECONDS, MEMORY_MIB = 900, 8192


def plan_text(checks: Sequence[Mapping[str, Any]], evaluation: str | None, reference: str | None, environment: str = "prod") -> str:
    """A plan in YAML; data sets are digests."""
    document: dict[str, Any] = {
        "kind": "Plan",
        "name": "benchmark",
        "environments": [environment],
        "task": "binary",
        "dataset": {"label": "y", "format": "parquet", **({"sha256": evaluation} if evaluation else {})},
        "inputs": [{"name": "X", "columns": COLUMNS}],
        "prediction": {"scores": "probabilities", "classes": ["0", "1"], "positive": "1"},
        "limits": {"wall_clock_seconds": SECONDS, "memory_mib": MEMORY_MIB},
        "checks": [dict(check) for check in checks],
    }
    if reference:
        document["reference"] = {"format": "parquet", "sha256": reference}
    return yaml.safe_dump(document)


def trial(files: Files, data: Path, checks: Sequence[Mapping[str, Any]]) -> Trial:
    """Of the model on these data by these checks."""
    evaluation, reference = DataFile(data, sha256(data)), DataFile(files.reference, sha256(files.reference))
    compared = any(check.get("check") == "drift" for check in checks)
    document = read_plan(plan_text(checks, evaluation.sha256, reference.sha256 if compared else None))
    datasets = {"evaluation": evaluation, **({"reference": reference} if compared else {})}
    how = (measures_of(document), further_columns(document))
    return Trial(document, "onnx", files.model, sha256(files.model), datasets, *how, None, None)


async def evaluated(sandbox: Sandbox, one: Trial) -> Report:
    """Raises `RuntimeError` for a trial that did not measure all that was asked for."""
    report = await sandbox.evaluate(one)
    if not isinstance(report.finding, Evaluation):
        raise RuntimeError(f"the trial ended with {report.finding}")
    if failed := [check for check, found in report.finding.measured.items() if "failed" in found]:
        raise RuntimeError(f"not measured: {failed}")
    return report
