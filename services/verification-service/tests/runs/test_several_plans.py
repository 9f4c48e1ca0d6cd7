"""Several plans for one environment: each leaves the others alone, and a version needs a run by every one that selects its model."""

from typing import Any

import pytest

from placet_verification.api.response_models import PlansInForce, RunRequestedAnswer, VerificationAnswer

from .. import builders, onnx_models
from ..builders import check
from ..conftest import Service

pytestmark = pytest.mark.postgres


async def in_force(service: Service, version_id: str, environment: str = "prod") -> list[tuple[str, str]]:
    """Names of the plans for a version, and why."""
    answer = await service.auditor.get(f"/v1/versions/{version_id}/plans", environment=environment)
    PlansInForce.model_validate(answer.json())
    return [(plan["name"], plan["because"]) for plan in answer.json()["items"]]


async def names_in_force(service: Service, version_id: str, environment: str = "prod") -> list[str]:
    return [name for name, _ in await in_force(service, version_id, environment)]


def a_plan(service: Service, name: str, **parts: Any) -> dict[str, Any]:
    """A plan of this name on a data set that the registry has."""
    dataset = service.site.around.keep(builders.labelled_rows())
    return builders.plan(**{"name": name, "dataset": {"label": "y", "sha256": dataset}, **parts})


async def wine_beside_doctor(service: Service) -> None:
    """Two models, each with a plan of its own for prod."""
    around = service.site.around
    for model_id, name, bias in (("model-wine", "wine", 0.1), ("model-doctor", "sees-doctor", 0.2)):
        around.introduce(model_id, name)
        around.register(f"version-of-{name}", onnx_models.logistic(bias=bias), model_id=model_id)
    await service.publish(a_plan(service, "sees-doctor", **{"for": {"models": ["sees-doctor"]}}))
    await service.publish(a_plan(service, "wine", **{"for": {"models": ["wine"]}}))


async def test_a_plan_of_a_second_model_leaves_that_of_the_first_alone(service: Service) -> None:
    await wine_beside_doctor(service)
    assert await names_in_force(service, "version-of-sees-doctor") == ["sees-doctor"]
    assert await names_in_force(service, "version-of-wine") == ["wine"]
    await service.publish(a_plan(service, "wine", seed=8, **{"for": {"models": ["wine"]}}))
    items = (await service.auditor.get("/v1/plans", environment="prod")).json()["items"]
    assert [(plan["name"], plan["version"]) for plan in items] == [("sees-doctor", 1), ("wine", 2)]
    assert (await service.auditor.get("/v1/plans/sees-doctor/current")).json()["in_force"] is True
    [run] = await service.verify("version-of-sees-doctor")
    assert (run["plan"]["name"], run["plan"]["version"]) == ("sees-doctor", 1)
    streams = {event["stream"] for event in await service.site.events() if event["type"].startswith("Plan")}
    assert streams == {"plan-named_sees-doctor", "plan-named_wine"}


@pytest.mark.parametrize(
    ("selector", "because"),
    [
        ({}, "every model"),
        ({"models": ["model-1"]}, "model model-1"),
        ({"models": ["beer", "wine"]}, "model wine"),
        ({"models": ["w*"]}, "model w*"),
        ({"tags": {"governance/risk": "high"}}, "tag governance/risk=high"),
        ({"models": ["beer"]}, None),
        ({"models": ["*beer*"]}, None),
        ({"models": ["Wine"]}, None),
        ({"tags": {"governance/risk": "low"}}, None),
        ({"models": ["model-*"]}, None),
    ],
)
async def test_a_plan_is_in_force_for_the_models_that_it_selects(service: Service, selector: dict[str, Any], because: str | None) -> None:
    service.site.around.introduce("model-1", "wine", governance__risk="high", team="vintners")
    service.site.around.register("version-1", onnx_models.logistic())
    await service.publish(a_plan(service, "a", **{"for": selector}))
    assert await in_force(service, "version-1") == ([("a", because)] if because else [])
    assert await names_in_force(service, "version-1", "test") == []


async def test_a_plan_that_names_a_tag_of_everyone_is_refused(service: Service) -> None:
    text = builders.written(a_plan(service, "a")).replace("tags: {}", "tags: {team: vintners}")
    answer = await service.admin.post("/v1/plans", content=text)
    assert (answer.status_code, answer.json()["code"]) == (422, "document_invalid")
    assert "for.tags" in answer.json()["detail"]


async def test_a_model_that_its_developers_tag_anew_leaves_no_plan(service: Service) -> None:
    """Only admins set tags under governance/; the registry sees to that."""
    service.site.around.introduce("model-1", "wine", governance__risk="high", team="vintners")
    service.site.around.register("version-1", onnx_models.logistic())
    await service.publish(a_plan(service, "all"))
    await service.publish(a_plan(service, "risky", **{"for": {"tags": {"governance/risk": "high"}}}))
    service.site.around.introduce("model-1", "wine", governance__risk="high", risk="none")
    assert await names_in_force(service, "version-1") == ["all", "risky"]


async def test_same_bytes_under_another_name_are_under_the_same_plans(service: Service) -> None:
    """Registering bytes that a plan selects as a version of a model that it does not select is no way out."""
    await wine_beside_doctor(service)
    service.site.around.introduce("model-toy", "toy")
    service.site.around.register("version-of-toy", onnx_models.logistic(bias=0.1), model_id="model-toy")
    assert await in_force(service, "version-of-toy") == [("wine", "model wine, by wine with the same bytes")]
    [run] = await service.verify("version-of-toy")
    assert (run["model_id"], run["plan"]["name"]) == ("model-toy", "wine")


async def test_later_copy_of_the_bytes_brings_no_plan_with_it(service: Service) -> None:
    """Else a registration and a plan that can't be passed would stop another model."""
    await wine_beside_doctor(service)
    service.site.around.introduce("model-toy", "toy")
    await service.publish(builders.plan(**{"name": "toy", "dataset": {"label": "y"}, "for": {"models": ["toy"]}}))
    service.site.around.register("version-of-toy", onnx_models.logistic(bias=0.1), model_id="model-toy")
    assert await names_in_force(service, "version-of-wine") == ["wine"]
    [run] = await service.verify("version-of-wine")
    assert run["plan"]["name"] == "wine"


async def test_plans_and_versions_of_one_come_in_pages(service: Service) -> None:
    for name in ("a", "b", "c"):
        await service.publish(a_plan(service, name))
    for seed in (8, 9):
        await service.publish(a_plan(service, "b", seed=seed))
    for path, key, found in (("/v1/plans", "name", ["a", "b", "c"]), ("/v1/plans/b", "version", [3, 2, 1])):
        first = (await service.auditor.get(path, limit=2)).json()
        rest = (await service.auditor.get(path, limit=2, cursor=first["next_cursor"])).json()
        assert [one[key] for one in (*first["items"], *rest["items"])] == found
        assert (len(first["items"]), rest["next_cursor"]) == (2, None)


async def test_one_plan_may_be_for_several_environments(service: Service) -> None:
    service.site.around.register("version-1", onnx_models.logistic())
    await service.publish(a_plan(service, "both", environments=["prod", "test"]))
    for environment, names in (("prod", ["both"]), ("test", ["both"]), ("dev", [])):
        assert await names_in_force(service, "version-1", environment) == names
    await service.publish(a_plan(service, "both", environments=["dev"]))
    for environment, names in (("prod", []), ("test", []), ("dev", ["both"])):
        assert await names_in_force(service, "version-1", environment) == names


async def test_a_version_that_the_registry_does_not_know_has_no_plans(service: Service) -> None:
    answer = await service.auditor.get("/v1/versions/version-9/plans", environment="prod")
    assert (answer.status_code, answer.json()["code"]) == (404, "version_not_found")


async def test_a_verification_is_a_run_by_each_plan_in_one_append(service: Service) -> None:
    await service.publish(a_plan(service, "own", checks=[check("roc_auc", 0.6)]))
    await service.publish(builders.plan_without_data(builders.SAFETY[0]))
    service.site.around.register("version-1", onnx_models.logistic())
    answer = await service.developer.post("/v1/verifications", {"version_id": "version-1", "environment": "prod"})
    assert answer.status_code == 202
    VerificationAnswer.model_validate(answer.json())
    runs = answer.json()["runs"]
    assert [run["plan"]["name"] for run in runs] == ["own", "safety"]
    assert [bool(run["dataset_sha256"]) for run in runs] == [True, False]
    [transactions] = await service.site.fetch("select count(distinct xmin::text) from events where type = 'RunRequested'")
    assert transactions["count"] == 1
    assert len(await service.site.fetch("select * from jobs")) == 2
    await service.site.work_off()
    assert [(await service.run(run["id"]))["status"] for run in runs] == ["passed", "passed"]


async def test_a_verification_of_which_one_run_can_not_be_is_none(service: Service) -> None:
    await service.publish(builders.plan_without_data())
    await service.publish(a_plan(service, "zoo", dataset={"label": "y"}))
    service.site.around.register("version-1", onnx_models.logistic())
    answer = await service.developer.post("/v1/verifications", {"version_id": "version-1", "environment": "prod"})
    assert (answer.status_code, answer.json()["code"]) == (422, "dataset_missing")
    assert "RunRequested" not in await service.site.event_types()
    assert not await service.site.fetch("select * from jobs")


async def test_a_plan_by_name_is_the_only_one_that_is_run(service: Service) -> None:
    await wine_beside_doctor(service)
    await service.publish(builders.plan_without_data())
    assert [run["plan"]["name"] for run in await service.verify("version-of-wine", plan="safety")] == ["safety"]
    one = await service.developer.post("/v1/runs", {"version_id": "version-of-wine", "environment": "prod", "plan": "wine"})
    RunRequestedAnswer.model_validate(one.json())
    assert (one.status_code, one.json()["plan"]["name"]) == (202, "wine")
    for path in ("/v1/runs", "/v1/verifications"):
        other = await service.developer.post(path, {"version_id": "version-of-wine", "environment": "prod", "plan": "sees-doctor"})
        assert (other.status_code, other.json()["code"], other.json()["facts"]["in_force"]) == (404, "plan_not_found", ["safety", "wine"])


async def test_a_single_run_by_several_plans_is_refused_with_their_names(service: Service) -> None:
    await wine_beside_doctor(service)
    await service.publish(builders.plan_without_data())
    answer = await service.developer.post("/v1/runs", {"version_id": "version-of-wine", "environment": "prod"})
    assert (answer.status_code, answer.json()["code"], answer.json()["facts"]["plans"]) == (409, "several_plans", ["safety", "wine"])
    assert "RunRequested" not in await service.site.event_types()


async def test_data_of_the_request_are_for_the_plan_that_leaves_them_open(service: Service) -> None:
    around = service.site.around
    own = around.keep(builders.labelled_rows(100))
    await service.publish(a_plan(service, "fixed"))
    await service.publish(a_plan(service, "open", dataset={"label": "y"}))
    around.register("version-1", onnx_models.logistic())
    fixed, open_ = await service.verify("version-1", dataset_sha256=own)
    assert open_["dataset_sha256"] == own
    assert fixed["dataset_sha256"] == builders.sha256(builders.labelled_rows())


async def test_a_repeated_verification_with_the_same_key_is_one(service: Service) -> None:
    await wine_beside_doctor(service)
    await service.publish(builders.plan_without_data())
    body = {"version_id": "version-of-wine", "environment": "prod"}
    answers = [await service.developer.post("/v1/verifications", body, **{"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert len(await service.site.fetch("select * from jobs")) == 2


async def test_an_auditor_may_not_request_a_verification(service: Service) -> None:
    answer = await service.auditor.post("/v1/verifications", {"version_id": "version-1", "environment": "prod"})
    assert (answer.status_code, answer.json()["code"]) == (403, "role_required")
