"""What happens to a plan over time: previews, teams, data that are pinned, withdrawal and coming back."""

import asyncio
from typing import Any

import pytest

from placet_verification.api.response_models import PlanAnswer, PlanPreviewAnswer, PlanWithdrawnAnswer

from .. import builders, onnx_models
from ..conftest import Service

pytestmark = pytest.mark.postgres

WHY = {"reason": "This model is used no longer."}


def a_plan(**parts: Any) -> dict[str, Any]:
    return builders.plan(**{"dataset": {"label": "y", "sha256": builders.SHA}, **parts})


async def preview(service: Service, document: dict[str, Any]) -> dict[str, Any]:
    answer = await service.admin.post("/v1/plans?dry_run=true", content=builders.written(document))
    assert answer.status_code == 200, answer.text
    PlanPreviewAnswer.model_validate(answer.json())
    return dict(answer.json())


async def refused(service: Service, document: dict[str, Any]) -> tuple[int, str, dict[str, Any]]:
    answer = await service.admin.post("/v1/plans", content=builders.written(document))
    return answer.status_code, answer.json()["code"], answer.json().get("facts", {})


async def test_a_preview_of_a_new_plan_shows_the_models_that_it_would_be_for(service: Service) -> None:
    around = service.site.around
    around.introduce("model-1", "wine-red")
    around.introduce("model-2", "wine-white", governance__risk="high")
    around.introduce("model-3", "beer", governance__risk="high")
    around.introduce("model-4", "bread", risk="high")
    seen = await preview(service, a_plan(**{"for": {"models": ["wine-*"], "tags": {"governance/risk": "high"}}}))
    assert (seen["changed"], seen["current"], seen["complete"], seen["models_in_all"]) == (True, None, True, 3)
    assert [(model["name"], model["because"]) for model in seen["models"]] == [
        ("beer", "tag governance/risk=high"), ("wine-red", "model wine-*"), ("wine-white", "model wine-*"),
    ]  # fmt: skip
    assert await service.site.events() == []


async def test_a_preview_that_selects_no_model_says_so(service: Service) -> None:
    service.site.around.introduce("model-1", "wine-red")
    seen = await preview(service, a_plan(**{"for": {"models": ["wine"]}}))
    assert (seen["models"], seen["models_in_all"], seen["complete"]) == ([], 0, True)


async def test_a_preview_names_fifty_models_and_counts_all(service: Service) -> None:
    for number in range(60):
        service.site.around.introduce(f"model-{number}", f"wine-{number:02}")
    seen = await preview(service, a_plan())
    assert [model["name"] for model in seen["models"]] == [f"wine-{number:02}" for number in range(50)]
    assert (seen["models_in_all"], seen["complete"]) == (60, True)


async def test_a_preview_shows_the_version_in_force_beside_the_new_one(service: Service) -> None:
    await service.publish(a_plan())
    same = await preview(service, a_plan())
    assert (same["changed"], same["current"]["version"], same["sha256"]) == (False, 1, same["current"]["sha256"])
    other = await preview(service, a_plan(seed=8, takes_effect="immediately"))
    assert (other["changed"], other["takes_effect"]) == (True, "immediately")
    assert (other["current"]["document"]["seed"], other["document"]["seed"]) == (7, 8)
    await service.admin.post("/v1/plans/credit-default/withdrawal", WHY)
    gone = await preview(service, a_plan())
    assert (gone["changed"], gone["current"]["in_force"]) == (True, False)


async def test_a_preview_is_exactly_what_is_published(service: Service) -> None:
    service.site.around.add_dataset("credit-test", builders.labelled_rows())
    document = a_plan(dataset={"label": "y", "name": "credit-test"}, team="risk")
    seen = await preview(service, document)
    published = await service.publish(document)
    assert published["sha256"] == seen["sha256"]
    assert (await service.auditor.get("/v1/plans/credit-default/current")).json()["document"] == seen["document"]


async def test_a_preview_is_for_authors_too_and_needs_the_registry(service: Service) -> None:
    answer = await service.developer.post("/v1/plans?dry_run=true", content=builders.written(a_plan()))
    assert (answer.status_code, answer.json()["changed"]) == (200, True)
    assert (await service.developer.get("/v1/plans")).json()["items"] == []
    service.site.around.down = True
    answer = await service.admin.post("/v1/plans?dry_run=true", content=builders.written(a_plan()))
    assert (answer.status_code, answer.json()["code"]) == (503, "registry_unavailable")


async def test_a_data_set_by_name_is_pinned_when_the_plan_is_published(service: Service) -> None:
    around = service.site.around
    first = around.add_dataset("credit-test", builders.labelled_rows())
    training = around.add_dataset("credit-train", builders.labelled_rows(300))
    document = a_plan(dataset={"label": "y", "name": "credit-test"}, training={"name": "credit-train"})
    assert (await preview(service, document))["document"]["dataset"]["sha256"] == first
    await service.publish(document)
    second = around.add_dataset("credit-test", builders.labelled_rows(100))
    around.register("version-1", onnx_models.logistic())
    [run] = await service.verify("version-1")
    assert run["datasets"] == [{"input": "evaluation", "sha256": first}, {"input": "training", "sha256": training}]
    again = await service.publish(document)
    assert (again["version"], again["changed"]) == (2, True)
    [later] = await service.verify("version-1")
    assert later["dataset_sha256"] == second
    assert (await service.publish(document))["changed"] is False


async def test_a_name_beside_a_digest_is_not_looked_up(service: Service) -> None:
    service.site.around.add_dataset("credit-test", builders.labelled_rows())
    await service.publish(a_plan(dataset={"label": "y", "name": "credit-test", "sha256": builders.SHA}))
    found = (await service.auditor.get("/v1/plans/credit-default/current")).json()["document"]["dataset"]
    assert (found["name"], found["sha256"]) == ("credit-test", builders.SHA)


@pytest.mark.parametrize("part", ["dataset", "training", "reference"])
async def test_a_data_set_that_the_registry_does_not_have_is_refused(service: Service, part: str) -> None:
    data = {"name": "nothing", **({"label": "y"} if part == "dataset" else {})}
    assert await refused(service, a_plan(**{part: data})) == (422, "dataset_unknown", {"dataset": "nothing"})
    answer = await service.admin.post("/v1/plans?dry_run=true", content=builders.written(a_plan(**{part: data})))
    assert answer.json()["code"] == "dataset_unknown"
    assert "PlanPublished" not in await service.site.event_types()


async def test_a_data_set_of_a_format_that_plans_can_not_read_is_refused(service: Service) -> None:
    """Its event would break the published contract, and followers would park it."""
    service.site.around.add_dataset("credit-test", b"Obj", "avro")
    found = await refused(service, a_plan(dataset={"label": "y", "name": "credit-test"}))
    assert found == (422, "dataset_format_not_supported", {"dataset": "credit-test"})


async def test_a_name_that_another_team_has_is_refused(service: Service) -> None:
    await service.publish(a_plan(team="risk"))
    assert await refused(service, a_plan(team="wine", seed=8)) == (409, "plan_name_taken", {"team": "risk"})
    assert await refused(service, a_plan(seed=8)) == (409, "plan_name_taken", {"team": "risk"})
    assert (await service.publish(a_plan(team="risk", seed=8)))["version"] == 2
    await service.admin.post("/v1/plans/credit-default/withdrawal", WHY)
    assert await refused(service, a_plan(team="wine")) == (409, "plan_name_taken", {"team": "risk"})
    assert await service.site.event_types() == [
        "PlanPublished", "ActionRefused", "ActionRefused", "PlanRevised", "PlanWithdrawn", "ActionRefused",
    ]  # fmt: skip


async def test_a_name_that_two_teams_want_at_once_is_that_of_one(service: Service) -> None:
    documents = [builders.written(a_plan(team=team)) for team in ("risk", "wine")]
    answers = await asyncio.gather(*[service.admin.post("/v1/plans", content=document) for document in documents])
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert await service.site.event_types() == ["PlanPublished", "ActionRefused"]


async def test_a_document_that_says_the_same_changes_nothing(service: Service) -> None:
    await service.publish(a_plan())
    alike = builders.written(a_plan()).replace("seed: 7", "seed: 7  # as ever")
    answer = await service.admin.post("/v1/plans", content=alike)
    assert (answer.status_code, answer.json()["changed"]) == (200, False)
    assert await service.site.event_types() == ["PlanPublished"]
    assert len(await service.site.fetch("select * from texts")) == 1


@pytest.mark.parametrize(
    "part",
    [{"team": None, "environments": ["prod", "test"]}, {"takes_effect": "immediately"}, {"for": {"models": ["wine"]}}, {"limits": {}}],
    ids=["environments", "takes_effect", "for", "limits"],
)
async def test_every_other_term_is_a_new_version(service: Service, part: dict[str, Any]) -> None:
    await service.publish(a_plan())
    assert (await service.publish(a_plan(**part)))["version"] == 2


async def test_a_withdrawn_plan_is_in_force_nowhere_until_it_comes_back(service: Service) -> None:
    service.site.around.register("version-1", onnx_models.logistic())
    await service.publish(a_plan(environments=["prod", "test"]))
    await service.publish(builders.plan_without_data())
    answer = await service.admin.post("/v1/plans/credit-default/withdrawal", WHY)
    PlanWithdrawnAnswer.model_validate(answer.json())
    assert (answer.status_code, answer.json()["version"]) == (201, 1)
    assert [run["plan"]["name"] for run in await service.verify("version-1")] == ["safety"]
    test = await service.developer.post("/v1/verifications", {"version_id": "version-1", "environment": "test"})
    assert (test.status_code, test.json()["code"]) == (404, "plan_not_found")
    current = (await service.auditor.get("/v1/plans/credit-default/current")).json()
    PlanAnswer.model_validate(current)
    assert (current["in_force"], current["version"]) == (False, 1)
    assert current["withdrawn_at"] is not None
    twice = await service.admin.post("/v1/plans/credit-default/withdrawal", WHY)
    assert (twice.status_code, twice.json()["code"]) == (409, "plan_withdrawn")
    back = await service.publish(a_plan(environments=["prod", "test"]))
    assert (back["version"], back["changed"]) == (2, True)
    assert {run["plan"]["name"] for run in await service.verify("version-1")} == {"credit-default", "safety"}
    versions = (await service.auditor.get("/v1/plans/credit-default")).json()["items"]
    assert [(one["version"], one["in_force"], one["withdrawn_at"] is None) for one in versions] == [(2, True, True), (1, False, False)]


async def test_a_run_that_was_requested_before_the_withdrawal_is_verified(service: Service) -> None:
    dataset = service.site.around.keep(builders.labelled_rows())
    service.site.around.register("version-1", onnx_models.logistic())
    await service.publish(a_plan(dataset={"label": "y", "sha256": dataset}))
    [run] = await service.verify("version-1")
    await service.admin.post("/v1/plans/credit-default/withdrawal", WHY)
    await service.site.work_off()
    assert (await service.run(run["id"]))["status"] == "passed"


async def test_only_admins_withdraw_a_plan_that_there_is_and_say_why(service: Service) -> None:
    await service.publish(a_plan())
    answer = await service.developer.post("/v1/plans/credit-default/withdrawal", WHY)
    assert (answer.status_code, answer.json()["code"]) == (403, "role_required")
    answer = await service.admin.post("/v1/plans/nothing/withdrawal", WHY)
    assert (answer.status_code, answer.json()["code"]) == (404, "plan_not_found")
    for body in ({}, {"reason": ""}, {"reason": "x" * 4001}):
        assert (await service.admin.post("/v1/plans/credit-default/withdrawal", body)).status_code == 422
    assert "PlanWithdrawn" not in await service.site.event_types()


async def test_the_reason_of_a_withdrawal_is_beside_the_event(service: Service) -> None:
    await service.publish(a_plan())
    await service.admin.post("/v1/plans/credit-default/withdrawal", WHY)
    [event] = await service.site.fetch("select data, subject from events where type = 'PlanWithdrawn'")
    assert b"decides" not in event["data"]
    [text] = await service.site.fetch("select body, subject from texts where kind = 'reason'")
    assert tuple(text) == (WHY["reason"], event["subject"])


async def test_a_change_by_a_version_that_is_not_the_newest_is_refused(service: Service) -> None:
    first = await service.admin.post("/v1/plans", content=builders.written(a_plan()))
    await service.publish(a_plan(seed=8))
    stale = {"If-Match": first.headers["ETag"]}
    answer = await service.admin.post("/v1/plans", content=builders.written(a_plan(seed=9)), **stale)
    assert answer.status_code == 412
    assert (await service.admin.post("/v1/plans/credit-default/withdrawal", WHY, **stale)).status_code == 412
