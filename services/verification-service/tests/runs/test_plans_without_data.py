"""A plan that does not run the model: for versions of any format, by what the file is and what is registered about it."""

from typing import Any

import pytest

from .. import builders, onnx_models
from ..conftest import Service

pytestmark = pytest.mark.postgres

SIGNATURE = {"inputs": [{"name": "X", "type": "float32", "shape": [None, 2]}], "outputs": [{"name": "P", "type": "float32", "shape": []}]}


async def verified(service: Service, artifact: bytes, plan: dict[str, Any] | None = None, **facts: Any) -> dict[str, Any]:
    """The run of a version by the plan, when it has ended."""
    await service.publish(plan or builders.plan_without_data())
    service.site.around.register("version-1", artifact, **facts)
    [run] = await service.verify("version-1")
    assert (run["datasets"], run["dataset_sha256"]) == ([], None)
    await service.site.work_off()
    return await service.run(run["id"])


def found(run: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {entry["check_id"]: (entry["status"], entry["reason_code"]) for entry in run["checks"]}


async def test_a_safe_model_with_its_signature_passes(service: Service) -> None:
    run = await verified(service, onnx_models.logistic(), signature=SIGNATURE)
    assert run["status"] == "passed"
    assert found(run) == {"safety": ("PASS", None), "signature": ("PASS", None)}
    report = (await service.auditor.get(f"/v1/runs/{run['id']}/report")).json()
    assert report["result"]["datasets"] == {}
    assert "rows" not in report["observations"]


@pytest.mark.parametrize(
    "artifact", [b"PK\x03\x04 a pickle in a zip", b"", b"\x80\x04\x95" + bytes(1000), b"\x89PNG\r\n\x1a\n" + bytes(100)]
)
async def test_a_file_that_is_no_onnx_fails_and_says_so(service: Service, artifact: bytes) -> None:
    run = await verified(service, artifact, signature=SIGNATURE)
    assert run["status"] == "failed"
    assert found(run) == {"safety": ("FAIL", "not_onnx"), "signature": ("FAIL", "not_onnx")}
    assert [attempt["outcome"] for attempt in run["attempts"]] == ["failed"]


async def test_a_format_without_a_gate_fails_whatever_the_bytes_are(service: Service) -> None:
    run = await verified(service, onnx_models.logistic(), format="pytorch", signature=SIGNATURE)
    assert run["status"] == "failed"
    assert found(run) == {"safety": ("FAIL", "format_not_supported"), "signature": ("FAIL", "format_not_supported")}


@pytest.mark.parametrize(
    ("artifact", "reason_code"),
    [
        (onnx_models.endless(), "unsafe_operator"),
        (onnx_models.hidden_loop(), "unsafe_operator"),
        (onnx_models.external_data(), "external_data"),
        (onnx_models.foreign_domain(), "unsafe_domain"),
    ],
    ids=["loop", "hidden loop", "external data", "foreign domain"],
)
async def test_an_unsafe_model_fails_by_the_rule_that_it_breaks_and_is_never_loaded(
    service: Service, artifact: bytes, reason_code: str
) -> None:
    run = await verified(service, artifact, signature=SIGNATURE)
    assert run["status"] == "failed"
    assert found(run) == {"safety": ("FAIL", reason_code), "signature": ("FAIL", reason_code)}


async def test_limits_of_the_plan_are_those_of_the_check(service: Service) -> None:
    plan = builders.plan_without_data(builders.SAFETY[0], artifact={"max_nodes": 2})
    run = await verified(service, onnx_models.logistic(), plan)
    assert found(run) == {"safety": ("FAIL", "too_many_nodes")}
    report = (await service.auditor.get(f"/v1/runs/{run['id']}/report")).json()
    assert report["result"]["checks"][0]["parameters"] == {"nodes": 3, "allowed": 2}


@pytest.mark.parametrize(
    ("column", "status"),
    [
        ({"name": "X", "type": "float64", "shape": [None, 2]}, "failed"),
        ({"name": "X", "type": "float32", "shape": [None, 3]}, "failed"),
        ({"name": "Z", "type": "float32", "shape": [None, 2]}, "failed"),
        ({"name": "X", "type": "tensor(float)", "shape": []}, "passed"),
    ],
)
async def test_a_signature_that_the_model_does_not_have_fails(service: Service, column: dict[str, Any], status: str) -> None:
    run = await verified(service, onnx_models.logistic(), signature={"inputs": [column], "outputs": []})
    assert run["status"] == status
    assert found(run)["signature"] == (("PASS", None) if status == "passed" else ("FAIL", "signature_mismatch"))


async def test_a_version_without_a_signature_fails_unless_the_plan_needs_none(service: Service) -> None:
    run = await verified(service, onnx_models.logistic())
    assert (run["status"], found(run)["signature"]) == ("failed", ("FAIL", "signature_missing"))
    needs_none = {"id": "signature", "check": "signature", "required": False}
    run = await verified(service, onnx_models.logistic(), builders.plan_without_data(builders.SAFETY[0], needs_none))
    assert (run["status"], found(run)["signature"]) == ("passed", ("NOT_APPLICABLE", "signature_missing"))


async def test_a_version_that_the_registry_lost_is_not_taken_for_one_without_a_signature(service: Service) -> None:
    await service.publish(builders.plan_without_data({"id": "signature", "check": "signature", "required": False}))
    service.site.around.register("version-1", onnx_models.logistic(), signature=SIGNATURE)
    [run] = await service.verify("version-1")
    del service.site.around.versions["version-1"]
    await service.site.work_off()
    ended = await service.run(run["id"])
    assert (ended["status"], ended["reason_code"], len(ended["attempts"])) == ("errored", "version_not_found", 1)


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("checks: [{id: a, metric: roc_auc, comparator: '>=', threshold: 0.5}]", "a check that does not run the model"),
        ("checks: [{id: a, check: signature}]\ntraining: {name: rows}", "left out as `dataset` is"),
        ("checks: [{id: a, check: signature}]\ntask: binary", "given together with dataset"),
        ("checks: [{id: a, check: signature}]\nprediction: {scores: P}", "given together with task"),
        ("checks: [{id: a, check: signature, required: sometimes}]", "true or false"),
        ("checks: [{id: a, check: artifact_safety, required: true}]", "unknown field `required`"),
        ("checks: []", "at least 1 item"),
    ],
)
async def test_what_such_a_plan_can_not_ask_for_is_refused(service: Service, document: str, complaint: str) -> None:
    answer = await service.admin.post("/v1/plans", content=f"kind: Plan\nname: safety\nenvironments: [prod]\n{document}\n")
    assert (answer.status_code, answer.json()["code"]) == (422, "document_invalid")
    assert complaint in answer.json()["detail"]
