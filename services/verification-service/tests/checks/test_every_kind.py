"""Every kind of check in one plan, measured in the real child with the complete confinement: after it no import succeeds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from placet_verification.api.plan_documents import read_plan
from placet_verification.checks import Need, check_kinds, conclude
from placet_verification.domain.result import Evaluation

from .. import builders, onnx_models, signing

# What kinds need to be told; the others have defaults for everything.
PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "attestation": {"keys": [{"name": "ci", "key": signing.public(signing.CI)}]},
    "assertion": {"condition": [{"column": "a", "comparator": ">", "value": 1.5}], "predicted": ["1"]},
    "direction": {"columns": ["a"], "score": "must_not_fall"},
    "invariance": {"columns": ["b"]},
    "metric": {"metric": "roc_auc", "comparator": ">=", "threshold": 0.5},
    "required_metadata": {"facts": ["description", "commit"]},
    "required_tags": {"tags": [{"key": "owner"}]},
    "subgroups": {"columns": ["group"]},
    "test_queries": {"queries": [{"name": "one", "row": {"a": 1.0, "b": 0.0}, "predicted": "1"}]},
}
OF_REGRESSIONS = {"residuals"}
RANDOM = np.random.default_rng(5)


def rows(count: int) -> bytes:
    a, b = RANDOM.normal(size=(2, count)).round(3)
    labels = (2 * a - b + RANDOM.normal(size=count) > 0).astype(int)
    return builders.csv({"a": a, "b": b, "group": RANDOM.choice(["x", "y"], count), "y": labels})


def facts() -> Mapping[Need, Any]:
    """What the worker reads beside what the child measures."""
    sha256 = builders.sha256(onnx_models.logistic())
    at, raw = "2026-11-27T12:00:00+00:00", signing.envelope(signing.statement(sha256))
    recorded = [{"sha256": builders.sha256(raw), "recorded_at": at, "envelope": raw.decode()}]
    attestations = {"artifact_sha256": sha256, "requested_at": at, "recorded": recorded}
    return {"attestations": attestations, "registration": {"tags": {"owner": "risk"}, "stated": {"description": 9, "commit": 1}}}


async def test_all_are_measured_in_the_child_and_judged(tmp_path: Path) -> None:
    kinds = check_kinds().keys() - OF_REGRESSIONS
    checks = [{"id": f"check-{name.replace('_', '-')}", "check": name, **PARAMETERS.get(name, {})} for name in sorted(kinds)]
    data = {use: rows(1500) for use in ("evaluation", "training", "reference")}
    written = builders.plan()
    document = read_plan(
        builders.written(
            {
                **written,
                "dataset": {"label": "y", "sha256": builders.sha256(data["evaluation"])},
                "training": {"sha256": builders.sha256(data["training"])},
                "reference": {"sha256": builders.sha256(data["reference"])},
                "checks": checks,
            }
        )
    )
    others = {use: data[use] for use in ("training", "reference")}
    trial = builders.trial(tmp_path, onnx_models.logistic(), data["evaluation"], document, others=others)
    report = await builders.evaluated(builders.with_champion(trial, tmp_path, onnx_models.logistic([2.0, -1.1])))
    assert isinstance(report.finding, Evaluation), report.finding
    judgements = {one.check: one for one in conclude(document, {"plan_sha256": builders.SHA}, report.finding, facts()).judgements}
    assert judgements.keys() == kinds
    assert {name for name, one in judgements.items() if one.status == "ERROR"} == set()
    assert {name for name, one in judgements.items() if one.status == "NOT_APPLICABLE"} == set(), "a check that says so was not tried"
