"""Decisions about versions and the facts that they fix."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import pytest

from placet_registry.domain.lineage import Column, DataRole, DataSet, Lineage, Signature
from placet_registry.domain.versions import FACTS_LIMIT, Artifact, Format, Version
from placet_shared.errors import Invalid, Malformed

Decided = Callable[..., list[tuple[str, dict[str, Any]]]]

SHA = "ab" * 32


def registered(at: datetime, artifact: Artifact | None = None, signature: Signature | None = None, **lineage: Any) -> Version:
    return Version.register(
        "v-1", "m-1", 1, artifact=artifact or Artifact(SHA, 10), format="onnx", signature=signature, lineage=Lineage(**lineage), at=at
    )


def refused_field(at: datetime, **what: Any) -> str:
    with pytest.raises(Malformed) as refused:
        registered(at, **what)
    return refused.value.errors[0].field


def test_version_with_all_facts_fixes_them(at: datetime, decided: Decided) -> None:
    version = registered(
        at,
        signature=Signature([Column("mean radius", "tensor(float)", [None, 30, "batch"])], [Column("label", "int64")]),
        training_run="run-1",
        experiment="exp/1",
        commit="c" * 40,
        data=[DataSet(SHA, "train"), DataSet("cd" * 32, "test")],
        parameters={"C": 0.5, "solver": "lbfgs", "warm": True, "seed": None, "n": 100},
        metrics={"auc": 0.91},
        trained_by=["p-1", "p-2", "p-1"],
        prepared_by=["p-3"],
    )
    assert decided(version) == [
        (
            "VersionRegistered",
            {
                "version_id": "v-1",
                "model_id": "m-1",
                "number": 1,
                "artifact": {"sha256": SHA, "size": 10, "uri": None},
                "format": "onnx",
                "signature": {
                    "inputs": [{"name": "mean radius", "type": "tensor(float)", "shape": [None, 30, "batch"]}],
                    "outputs": [{"name": "label", "type": "int64", "shape": []}],
                },
                "lineage": {
                    "training_run": "run-1",
                    "experiment": "exp/1",
                    "commit": "c" * 40,
                    "data": [{"sha256": SHA, "role": "train"}, {"sha256": "cd" * 32, "role": "test"}],
                    "parameters": {"C": 0.5, "solver": "lbfgs", "warm": True, "seed": None, "n": 100},
                    "metrics": {"auc": 0.91},
                    "trained_by": ["p-1", "p-2"],
                    "prepared_by": ["p-3"],
                },
            },
        )
    ]


def test_version_by_reference_keeps_where_the_bytes_are(at: datetime) -> None:
    version = registered(at, artifact=Artifact(SHA.upper(), 10, "s3://bucket/model.onnx"))
    assert version.artifact == {"sha256": SHA, "size": 10, "uri": "s3://bucket/model.onnx"}


@pytest.mark.parametrize(
    ("field", "lineage"),
    [
        ("lineage.training_run", {"training_run": "my run"}),
        ("lineage.experiment", {"experiment": "a b"}),
        ("lineage.commit", {"commit": "main"}),
        ("lineage.data.1.sha256", {"data": [DataSet(SHA, "train"), DataSet("x", "test")]}),
        ("lineage.data.0.role", {"data": [DataSet(SHA, cast(DataRole, "holdout"))]}),
        ("lineage.parameters", {"parameters": {"a\nb": 1}}),
        ("lineage.parameters.note", {"parameters": {"note": "trained by Alice on a Sunday"}}),
        ("lineage.parameters.lr", {"parameters": {"lr": float("nan")}}),
        ("lineage.parameters.seed", {"parameters": {"seed": 2**64}}),
        ("lineage.metrics.auc", {"metrics": {"auc": float("inf")}}),
    ],
)
def test_version_with_lineage_that_no_event_may_hold_is_refused(at: datetime, field: str, lineage: dict[str, Any]) -> None:
    assert refused_field(at, **lineage) == field


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("signature.inputs.0.name", Column("", "float")),
        ("signature.inputs.0.type", Column("x", "no such; type")),
        ("signature.inputs.0.shape", Column("x", "float", [-1])),
    ],
)
def test_version_with_a_column_that_no_event_may_hold_is_refused(at: datetime, field: str, column: Column) -> None:
    assert refused_field(at, signature=Signature(inputs=[column])) == field


def test_version_of_an_unknown_format_is_refused_with_those_that_are(at: datetime) -> None:
    with pytest.raises(Malformed) as refused:
        Version.register(
            "v-1",
            "m-1",
            1,
            artifact=Artifact(SHA, 1),
            format=cast(Format, "excel"),
            signature=None,
            lineage=Lineage(),
            at=at,
        )
    assert "onnx" in refused.value.errors[0].allowed


def test_version_whose_facts_fill_an_event_is_taken_and_one_more_is_refused(at: datetime) -> None:
    wide = Signature([Column(f"{'x' * 160}{number:04}", "float") for number in range(280)])
    assert len(json.dumps(wide.plain())) < FACTS_LIMIT
    registered(at, signature=wide)
    wider = Signature([*wide.inputs, *[Column(f"{'y' * 160}{number:04}", "float") for number in range(40)]])
    with pytest.raises(Invalid) as refused:
        registered(at, signature=wider)
    assert refused.value.code == "version_facts_too_large"
