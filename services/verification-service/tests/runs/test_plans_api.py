"""Plans over HTTP: published by admins, versioned, and every complaint names the line."""

import pytest

from placet_shared.contracts.plan_document import PlanDocument
from placet_verification.api.plan_documents import EXAMPLE, read_plan
from placet_verification.api.response_models import PlanAnswer, PlanPublishedAnswer

from ..conftest import Service

pytestmark = pytest.mark.postgres


async def test_a_plan_is_published_read_and_revised(service: Service) -> None:
    answer = await service.admin.post("/v1/plans", content=EXAMPLE)
    assert answer.status_code == 201
    PlanPublishedAnswer.model_validate(answer.json())
    assert answer.json().items() >= {"environments": ["prod"], "version": 1, "changed": True, "name": "credit-default"}.items()
    assert answer.headers["Location"] == "/v1/plans/credit-default/1"
    assert answer.headers["Placet-Position"].startswith("verification:1:1:")
    again = await service.admin.post("/v1/plans", content=EXAMPLE + "# nothing new\n")
    assert (again.status_code, again.json()["version"], again.json()["changed"]) == (200, 1, False)
    revised = await service.admin.post("/v1/plans", content=EXAMPLE.replace("0.80", "0.85"))
    assert (revised.status_code, revised.json()["version"]) == (201, 2)
    current = (await service.auditor.get("/v1/plans/credit-default/current")).json()
    PlanAnswer.model_validate(current)
    assert current["document"]["checks"][0]["threshold"] == 0.85
    assert current["text"] == EXAMPLE.replace("0.80", "0.85")
    assert (await service.auditor.get("/v1/plans/credit-default/1")).json()["text"] == EXAMPLE
    assert [plan["version"] for plan in (await service.auditor.get("/v1/plans/credit-default")).json()["items"]] == [2, 1]
    assert [plan["version"] for plan in (await service.auditor.get("/v1/plans")).json()["items"]] == [2]
    assert await service.site.event_types() == ["PlanPublished", "PlanRevised"]


async def test_a_developer_may_not_publish_and_the_refusal_is_recorded(service: Service) -> None:
    answer = await service.developer.post("/v1/plans", content=EXAMPLE)
    assert (answer.status_code, answer.json()["code"]) == (403, "role_required")
    assert await service.site.event_types() == ["ActionRefused"]


async def test_a_dry_run_shows_the_full_form_and_publishes_nothing(service: Service) -> None:
    answer = await service.admin.post("/v1/plans?dry_run=true", content=EXAMPLE)
    assert answer.json()["document"]["limits"] == {"wall_clock_seconds": 120, "memory_mib": 2048}
    assert await service.site.event_types() == []


def test_a_plan_that_says_nothing_of_explanations_has_the_form_that_it_had_before() -> None:
    """So that it keeps its digest, and the same document again changes nothing."""
    assert "explanation" not in read_plan(EXAMPLE)
    given = read_plan(EXAMPLE.replace("checks:", "explanation: {immutable: [age]}\nchecks:", 1))
    assert given["explanation"] == {"immutable": ["age"]}
    PlanDocument.model_validate(given)


async def test_the_events_hold_no_text(service: Service) -> None:
    await service.admin.post("/v1/plans", content=EXAMPLE + "# a secret thought\n")
    [row] = await service.site.fetch("select data from events")
    assert b"secret thought" not in row["data"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("task: binary ", "task: ternary ", "line 6: task"),
        ("metric: brier", "metric: rmse", "line 23: checks.1.metric: one of roc_auc"),
        ('comparator: "<="', 'comparator: ">="', "line 24: checks.1.comparator: <= or <: lower is better"),
        ("id: calibration", "id: auc", "line 22: checks.1.id: an id of its own"),
        ("positive: 1", "positive: 2", "line 16: prediction.positive: one of the two classes"),
        ("classes: [0, 1] ", "classes: [0, 1, 2] ", "line 15: prediction.classes: the two classes"),
        ("threshold: 0.80", "threshold: 0.80\n    warn: 0.70", "line 22: checks.0.warn: a stricter value"),
        ("label: defaulted", "lable: defaulted", "line 9: dataset.lable: unknown field `lable`, did you mean `label`?"),
        ("environments: [prod]", "environments: [prod]\nenvironments: [dev]", "line 4: environments: each key once"),
        ("environments: [prod]", "environments: [prod, test, prod]", "line 3: environments: each environment once"),
        ("environments: [prod]", "environments: []", "line 3: environments"),
        ("environments: [prod]", "environment: prod\nenvironments: [dev]", "line 3: environment"),
        ("models: [credit-default]", "model: [credit-default]", "line 5: for.model"),
        ("models: [credit-default]", "tags: {risk: high}", "line 5: for.tags"),
        ("metric: roc_auc", "check: roc_auc", "line 19: checks.0.check: one of artifact_safety, "),
        ("metric: roc_auc", "check: signature", "line 20: checks.0.comparator"),
        (
            "threshold: 0.80",
            "treshold: 0.80",
            "line 21: checks.0.treshold: unknown field `treshold`, did you mean `threshold`? (and 1 more)",
        ),
        ("threshold: 0.80", "threshold: 0.80\n    minimum_rows: 9007199254740993", "line 22: checks.0.minimum_rows"),
        (
            'metric: roc_auc\n    comparator: ">="\n    threshold: 0.80',
            "check: invariance\n    columns: [age]\n    minimum_rows: 9007199254740993",
            "line 21: checks.0.minimum_rows: finite numbers",
        ),
        ("task: binary ", "# ", "line 7: dataset: given together with task"),
        (
            "checks:",
            "explanation: {immutable: [sex]}\nchecks:",
            "line 17: explanation.immutable: a column that an input of the model takes",
        ),
        ("checks:", "explanation: {immutable: [age, age]}\nchecks:", "line 17: explanation.immutable: each column once"),
    ],
)
async def test_a_wrong_plan_is_refused_by_its_line(service: Service, old: str, new: str, complaint: str) -> None:
    assert old in EXAMPLE
    answer = await service.admin.post("/v1/plans", content=EXAMPLE.replace(old, new, 1))
    assert (answer.status_code, answer.json()["code"]) == (422, "document_invalid")
    assert answer.json()["detail"].startswith(complaint)


async def test_there_is_no_plan_of_a_name_that_none_has(service: Service) -> None:
    for path in ("/v1/plans/mars/current", "/v1/plans/mars/1", "/v1/plans/mars"):
        answer = await service.auditor.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "plan_not_found")


async def test_nothing_is_open_without_a_token(service: Service) -> None:
    for path in (
        "/v1/plans",
        "/v1/plans/prod/current",
        "/v1/versions/version-1/plans?environment=prod",
        "/v1/runs",
        "/v1/runs/x",
        "/v1/runs/x/report",
        "/v1/runs/x/report.html",
        "/v1/runs/x/report.xml",
        "/v1/checks",
        "/v1/models/x/checks/y",
        "/v1/results/" + "a" * 64,
        "/v1/feed",
    ):
        assert (await service.admin.client.get(path)).status_code == 401
