"""The OpenAPI document says what the service does."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from placet_registry.api.dataset_answers import DataSetAnswer
from placet_registry.api.response_models import DeploymentAnswer, Environments, ModelAnswer, VersionAnswer
from placet_shared.web.pages import Page

from .conftest import Registry

pytestmark = pytest.mark.postgres

OPEN = {"/health/live", "/health/ready", "/metrics"}


async def document(registry: Registry) -> dict[str, Any]:
    answer = await registry.erin.get("/openapi.json")
    found: dict[str, Any] = answer.json()
    return found


async def test_every_address_but_health_needs_a_token(registry: Registry, subtests: pytest.Subtests) -> None:
    anonymous = registry.clients["erin"]
    for path, methods in (await document(registry))["paths"].items():
        for method in methods:
            with subtests.test(path=path, method=method):
                address = path.replace("{position}", "1").replace("{", "").replace("}", "")
                answer = await anonymous.request(method, address, headers={"Authorization": ""})
                assert (answer.status_code == 401) == (path not in OPEN)


async def test_every_operation_is_described_and_every_body_has_an_example(registry: Registry, subtests: pytest.Subtests) -> None:
    schemas = (await document(registry))["components"]["schemas"]
    for path, methods in (await document(registry))["paths"].items():
        for method, operation in methods.items():
            with subtests.test(path=path, method=method):
                assert operation["summary"]
                assert operation["description"]
                for content in operation.get("requestBody", {}).get("content", {}).values():
                    name = content["schema"].get("$ref", "").rpartition("/")[2]
                    assert not name or any("examples" in field for field in schemas[name]["properties"].values())


async def test_real_answers_fit_the_document(registry: Registry) -> None:
    model_id = await registry.a_model(description="text", tags={"a": "b"})
    signature = {"inputs": [{"name": "x", "type": "float", "shape": [None, 3, "n"]}]}
    lineage = {"trained_by": ["alice"], "metrics": {"auc": 1}, "parameters": {"n": 1, "solver": "lbfgs", "none": None}}
    version = await registry.a_version(model_id, signature=signature, lineage=lineage)
    deployment = await registry.a_deployment(version["id"])
    await registry.a_deployment(version["id"])
    await registry.ci.post(f"/v1/deployments/{deployment}/end", json={"reason": "text"})
    period, columns = {"from": "2026-01-01", "to": "2026-01-31"}, [{"name": "x", "type": "number"}]
    body = {"name": "churn-test", "sha256": version["sha256"], "format": "csv", "role": "test", "period": period, "columns": columns}
    assert (await registry.alice.post("/v1/datasets", json=body)).status_code == 201
    answers = {
        "/v1/datasets": Page[DataSetAnswer],
        "/v1/datasets/churn-test": Page[DataSetAnswer],
        "/v1/datasets/churn-test/latest": DataSetAnswer,
        "/v1/models": Page[ModelAnswer],
        f"/v1/models/{model_id}": ModelAnswer,
        "/v1/models/by-name/churn": ModelAnswer,
        f"/v1/models/{model_id}/versions": Page[VersionAnswer],
        f"/v1/models/{model_id}/versions/1": VersionAnswer,
        "/v1/versions": Page[VersionAnswer],
        f"/v1/versions/{version['id']}": VersionAnswer,
        f"/v1/artifacts/{version['sha256']}/versions": Page[VersionAnswer],
        "/v1/environments": Environments,
        "/v1/deployments?state=all": Page[DeploymentAnswer],
        f"/v1/deployments/{deployment}": DeploymentAnswer,
    }
    for path, shape in answers.items():
        content = (await registry.erin.get(path)).content
        TypeAdapter[Any](shape).validate_json(content)
        assert b'"items":[]' not in content
