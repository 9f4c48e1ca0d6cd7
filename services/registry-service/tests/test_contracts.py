"""The events of the domain and the published contract say the same."""

import json
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from placet_registry.domain.blobs import Blob
from placet_registry.domain.data_facts import DataColumn, DataFacts, DataFormat, Period
from placet_registry.domain.datasets import NamedDataSet
from placet_registry.domain.deployments import Deployment
from placet_registry.domain.environments import Environment
from placet_registry.domain.lineage import Column, DataRole, DataSet, Lineage, Signature
from placet_registry.domain.model_names import ModelName
from placet_registry.domain.models import Model
from placet_registry.domain.versions import Artifact, Version
from placet_registry.outgoing import PUBLISHED
from placet_shared.aggregates import Aggregate, event_classes, own_fields, plain_fields
from placet_shared.contracts import registry as contract
from placet_shared.contracts.registry import REGISTRY_EVENTS

AT = datetime(2026, 11, 23, 14, tzinfo=UTC)
SHA = "ab" * 32
TEXT = {"id": "0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f", "hmac": "cd" * 32}


def one_of_each() -> list[Aggregate]:
    model = Model.register("m-1", "churn", description=TEXT, tags={"team": "risk"}, by_admin=False, at=AT)
    model.describe(None, AT)
    model.qualify({"risk": "high"}, TEXT, by_admin=True, at=AT)
    model.tag("tier", "1", by_admin=False, at=AT)
    model.untag("tier", by_admin=False, at=AT)
    number = model.number("v-1", AT)
    signature = Signature([Column("x", "tensor(float)", [None, 30, "batch"])], [Column("y", "int64")])
    lineage = Lineage(
        training_run="run-1",
        experiment="exp",
        commit="c" * 40,
        data=[DataSet(SHA, "train")],
        parameters={"C": 0.5, "solver": "lbfgs", "warm": True, "seed": None},
        metrics={"auc": 0.9},
        trained_by=["p-1"],
        prepared_by=["p-2"],
    )
    artifact = Artifact(SHA, 10, "s3://bucket/model")
    version = Version.register("v-1", "m-1", number, artifact=artifact, format="onnx", signature=signature, lineage=lineage, at=AT)
    version.add_lineage(["p-3"], [], [DataSet("b" * 64, "train")], AT)
    deployment = Deployment.report("d-1", "prod", version, sha256=None, permit_id="permit-1", at=AT)
    deployment.end(TEXT, AT)
    others = (ModelName.reserve("churn", "m-1", AT), Blob.store(SHA, 10, AT), Environment.define("dev", None, AT))
    facts = DataFacts(SHA, 10, "csv", [DataColumn("age", "number")], 3, Period("2026-01-01", "2026-03-31"), "test", "p-1")
    return [model, version, deployment, NamedDataSet.begin("s-1", "churn-test", facts, AT), *others]


def decided() -> dict[str, dict[str, Any]]:
    events: list[Any] = [event for aggregate in one_of_each() for event in aggregate.collect_events()]
    return {event.TOPIC: plain_fields(event) for event in events}


def test_every_event_of_the_domain_is_in_the_contract_and_the_other_way_round() -> None:
    assert event_classes(*PUBLISHED).keys() == REGISTRY_EVENTS.keys() == decided().keys()


@pytest.mark.parametrize("name", REGISTRY_EVENTS)
def test_event_has_the_fields_of_its_contract_in_the_same_order(name: str) -> None:
    event = event_classes(*PUBLISHED)[name]
    assert own_fields(event) == list(REGISTRY_EVENTS[name].model_fields)


@pytest.mark.parametrize("name", REGISTRY_EVENTS)
def test_event_as_decided_fits_its_contract_and_comes_back_the_same(name: str) -> None:
    data = decided()[name]
    assert json.loads(REGISTRY_EVENTS[name].model_validate_json(json.dumps(data)).model_dump_json()) == data


def test_contract_with_a_field_too_many_is_refused() -> None:
    with pytest.raises(ValidationError):
        contract.BlobStored.model_validate({"sha256": SHA, "size": 1, "note": "x"})


def test_roles_of_data_are_the_same_on_both_sides() -> None:
    assert get_args(contract.DataSet.model_fields["role"].annotation) == get_args(DataRole) != ()
    assert get_args(contract.DataSetRegistered.model_fields["role"].annotation) == get_args(DataRole)


def test_formats_of_data_are_the_same_on_both_sides() -> None:
    assert get_args(contract.DataSetRegistered.model_fields["format"].annotation) == get_args(DataFormat) != ()
