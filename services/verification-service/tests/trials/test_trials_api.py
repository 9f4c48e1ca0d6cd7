"""Trials over HTTP, answered by a real worker with a real child process: shown to who asked, counted, and kept nowhere."""

import asyncio
from typing import Any

import pytest

from placet_shared.testing import eventually
from placet_verification.api.trial_models import TrialAnswer, TrialCount

from .. import builders, onnx_models
from ..conftest import Service
from .trying import another, kept, planned, queued, wanted, work_off, working

pytestmark = pytest.mark.postgres

TABLES = "select tablename as name from pg_tables where schemaname = current_schema()"
FOREVER = {"artifact": {"allow_operators": ["Loop"]}, "limits": {"wall_clock_seconds": 1, "memory_mib": 512}}


async def test_rows_are_answered_in_the_sandbox_and_nothing_of_them_stays(service: Service) -> None:
    await planned(service)
    async with working(service):
        answer = await service.developer.post("/v1/trials", wanted({"a": 0.5, "b": "0.25"}, {"a": -0.75, "b": 0}))
    assert answer.status_code == 200, answer.text
    trial = answer.json()
    TrialAnswer.model_validate(trial)
    assert (trial["status"], trial["plan"]["name"], trial["model_id"]) == ("answered", "credit-default", "model-1")
    assert [row["prediction"]["class"] for row in trial["tried"]["rows"]] == ["1", "0"]
    for row in trial["tried"]["rows"]:
        [change, *_] = row["counterfactual"]["changes"]
        assert set(change) == {"column", "from", "to"}
        assert row["counterfactual"]["prediction"]["class"] != row["prediction"]["class"]
    assert await kept(service) == []
    assert (await service.developer.get(f"/v1/trials/{trial['id']}")).status_code == 404


async def test_a_trial_is_no_run_and_no_event(service: Service) -> None:
    await planned(service)
    async with working(service):
        answer = await service.developer.post("/v1/trials", wanted({"a": 0.123454321, "b": 0}))
    assert "0.12345432" in answer.text
    assert await service.site.event_types() == ["PlanPublished"]
    assert not await service.site.fetch("select 1 from runs union all select 1 from jobs union all select 1 from results")
    tables = [row["name"] for row in await service.site.fetch(TABLES)]
    assert {"row_trials", "row_trial_counts", "events", "answers"} <= set(tables)
    for table in tables:
        assert not await service.site.fetch(f"select 1 from {table} t where t::text like '%0.1234543%'"), table


async def test_trials_are_counted_by_model(service: Service) -> None:
    await planned(service)
    assert (await service.auditor.get("/v1/models/model-1/trials")).json() == {"model_id": "model-1", "trials": 0, "last_at": None}
    for _ in range(2):
        await queued(service)
    found = (await service.auditor.get("/v1/models/model-1/trials")).json()
    TrialCount.model_validate(found)
    assert found["trials"] == 2

    async def are_exposed() -> bool:
        """The gauge is a query, and shows its last value when that takes long."""
        exposed = (await service.developer.client.get("/metrics")).text
        return "placet_verification_trials_open 2.0" in exposed and "placet_verification_trials_total 2.0" in exposed

    await eventually(are_exposed)


async def test_an_answer_that_takes_longer_is_asked_for_again_by_its_owner_alone(service: Service) -> None:
    await planned(service)
    asked = await service.developer.post("/v1/trials?timeout=0", wanted())
    trial = asked.json()
    TrialAnswer.model_validate(trial)
    assert (asked.status_code, trial["status"], trial["tried"]) == (202, "queued", None)
    assert asked.headers["Location"] == f"/v1/trials/{trial['id']}"
    await work_off(service)
    for stranger in (service.admin, service.auditor, another(service, "bob", "developer")):
        refused = await stranger.get(asked.headers["Location"])
        assert (refused.status_code, refused.json()["code"]) == (404, "trial_not_found")
    assert (await kept(service))[0]["rows"] == "[]"
    for _ in range(2):  # the first answer may have been lost on its way
        answered = await service.developer.get(asked.headers["Location"])
        assert (answered.status_code, answered.json()["status"]) == (200, "answered")


async def test_an_answer_that_nobody_reads_is_gone_after_minutes(service: Service) -> None:
    await planned(service)
    trial_id = await queued(service)
    await work_off(service)
    await service.site.execute("update row_trials set ended_at = ended_at - interval '2 minutes'")
    forgotten = await queued(service)
    assert [row["trial_id"] for row in await kept(service)] == [forgotten]
    await service.site.execute("update row_trials set requested_at = requested_at - interval '10 minutes'")
    assert service.site.app is not None
    await service.site.app.state.service.row_trials.remove_old()
    assert await kept(service) == []
    assert (await service.developer.get(f"/v1/trials/{trial_id}")).json()["code"] == "trial_not_found"


async def test_without_a_worker_the_answer_says_so(service: Service) -> None:
    await planned(service)
    trial_id = await queued(service)
    await service.site.execute("update row_trials set requested_at = requested_at - interval '21 seconds'")
    answer = await service.developer.get(f"/v1/trials/{trial_id}")
    assert (answer.status_code, answer.json()["code"]) == (503, "no_worker")
    assert answer.headers["Retry-After"]
    assert await kept(service) == []


async def test_a_trial_behind_another_ones_waits(service: Service) -> None:
    await planned(service)
    await queued(service)
    workers = await service.site.workers()
    assert await workers.row_trials.queue.claim()
    second = await queued(service)
    await service.site.execute("update row_trials set requested_at = requested_at - interval '21 seconds'")
    answer = await service.developer.get(f"/v1/trials/{second}", timeout=0)
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")


async def test_so_many_trials_may_be_open(service: Service) -> None:
    await planned(service)
    asked = await asyncio.gather(*(service.developer.post("/v1/trials?timeout=0", wanted()) for _ in range(8)))
    assert sorted(answer.status_code for answer in asked) == [202] * 5 + [429] * 3
    refused = next(answer for answer in asked if answer.status_code == 429)
    assert (refused.json()["code"], refused.headers["Retry-After"]) == ("too_many_trials", "5")
    assert (await another(service, "bob", "developer").post("/v1/trials?timeout=0", wanted())).status_code == 202
    await service.site.execute(
        "insert into row_trials (trial_id, requested_by, model_id, version_id, environment, plan, document, inputs, rows)"
        " select 'trial-' || n, 'person-' || n, 'm', 'v', 'prod', '{}', '{}', '{}', '[]' from generate_series(1, 94) n"
    )
    assert (await another(service, "carol", "developer").post("/v1/trials?timeout=0", wanted())).json()["code"] == "too_many_trials"


@pytest.mark.parametrize(
    ("version", "request_", "status", "code"),
    [
        ({}, {"environment": "mars"}, 404, "plan_not_found"),
        ({}, {"plan": "another"}, 404, "plan_not_found"),
        ({}, {"version_id": "version-9"}, 404, "version_not_found"),
        ({}, {"model_id": "model-2"}, 422, "version_of_another_model"),
        ({"format": "pytorch"}, {}, 409, "format_not_supported"),
        ({"kept": False}, {}, 409, "artifact_not_kept"),
        ({}, {"dataset_sha256": builders.SHA}, 409, "dataset_fixed_by_plan"),
        ({}, {"rows": []}, 422, "malformed"),
        ({}, {"rows": [{}] * 1000}, 422, "malformed"),
        ({}, {"rows": [3]}, 422, "malformed"),
        ({}, {"rows": {"a": 1}}, 422, "malformed"),
        ({}, {"rows": [{"a": 1}]}, 422, "malformed_rows"),
        ({}, {"rows": [{"a": 1, "b": 2, "y": 0}]}, 422, "malformed_rows"),
        ({}, {"rows": [{"a": "x" * 80_000, "b": 2}]}, 422, "malformed_rows"),
        ({}, {"rows": [{"a": [1], "b": 2}]}, 422, "malformed_rows"),
    ],
)
async def test_a_trial_that_can_not_be_is_refused_with_advice(
    service: Service, version: dict[str, Any], request_: dict[str, Any], status: int, code: str
) -> None:
    await planned(service)
    service.site.around.register("version-1", onnx_models.logistic(), **version)
    answer = await service.developer.post("/v1/trials", wanted(**request_))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json().get("resolve") or code == "version_not_found"
    assert await kept(service) == []
    assert await service.site.event_types() == ["PlanPublished"]


@pytest.mark.parametrize("value", ['"\\ud800"', '"a\\u0000b"', '{"\\ud800": 1}', '1, "\\ud800": 2', '1, "\\u0000": 2'])
async def test_text_that_no_file_could_have_is_refused(service: Service, value: str) -> None:
    await planned(service)
    body = f'{{"version_id": "version-1", "environment": "prod", "rows": [{{"b": 1, "a": {value}}}]}}'
    answer = await service.developer.post("/v1/trials", content=body, **{"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["field"].startswith("rows.0.")) == (422, True)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "9" * 400, "9" * 10_000])
async def test_a_number_that_is_none_is_refused(service: Service, number: str) -> None:
    await planned(service)
    body = f'{{"version_id": "version-1", "environment": "prod", "rows": [{{"a": {number}, "b": 1}}]}}'
    answer = await service.developer.post("/v1/trials", content=body, **{"Content-Type": "application/json"})
    # Python itself reads no number of so many digits
    assert (answer.status_code, answer.json()["code"]) == ((400, "bad_request") if len(number) > 4300 else (422, "malformed_rows"))


async def test_a_plan_with_data_is_needed_and_one_of_several_is_named(service: Service) -> None:
    service.site.around.register("version-1", onnx_models.logistic())
    await service.publish(builders.plan_without_data())
    answer = await service.developer.post("/v1/trials", wanted())
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_without_data")
    dataset = service.site.around.keep(builders.labelled_rows())
    for name in ("first", "second"):
        await service.publish(builders.plan(name=name, dataset={"label": "y", "sha256": dataset}))
    answer = await service.developer.post("/v1/trials", wanted())
    assert (answer.json()["code"], answer.json()["facts"]) == ("several_plans", {"plans": ["first", "second"]})
    assert (await service.developer.post("/v1/trials?timeout=0", wanted(plan="second"))).json()["plan"]["name"] == "second"


async def test_a_plan_that_leaves_its_data_open_takes_those_that_are_named(service: Service) -> None:
    service.site.around.register("version-1", onnx_models.logistic())
    await service.publish(builders.plan())
    assert (await service.developer.post("/v1/trials", wanted())).json()["code"] == "dataset_missing"
    dataset = service.site.around.keep(builders.labelled_rows())
    async with working(service):
        answer = await service.developer.post("/v1/trials", wanted(dataset_sha256=dataset))
        gone = await service.developer.post("/v1/trials", wanted(dataset_sha256=builders.SHA))
    assert (answer.json()["status"], answer.json()["dataset_sha256"]) == ("answered", dataset)
    assert (gone.status_code, gone.json()["status"], gone.json()["reason_code"]) == (200, "errored", "dataset_not_found")


@pytest.mark.parametrize(
    ("model", "parts", "reason_code"),
    [
        (onnx_models.endless(), {}, "unsafe_operator"),
        (onnx_models.endless(), FOREVER, "timeout"),
        (onnx_models.hungry(), {**FOREVER, "limits": {"wall_clock_seconds": 20, "memory_mib": 512}}, "memory_limit"),
        (onnx_models.of_doubles(), {}, "signature_mismatch"),
        (b"no model", {}, "not_onnx"),
    ],
)
async def test_a_model_that_can_not_be_tried_is_refused_as_a_run_is(
    service: Service, model: bytes, parts: dict[str, Any], reason_code: str
) -> None:
    await planned(service, model, **parts)
    async with working(service):
        answer = await service.developer.post("/v1/trials", wanted())
    trial = answer.json()
    TrialAnswer.model_validate(trial)
    assert (answer.status_code, trial["status"], trial["reason_code"], trial["tried"]) == (200, "errored", reason_code, None)
    assert trial["detail"]
    assert trial["resolve"]


async def test_the_registry_that_is_away_is_said(service: Service) -> None:
    await planned(service)
    service.site.around.down = True
    answer = await service.developer.post("/v1/trials", wanted())
    assert (answer.status_code, answer.json()["code"]) == (503, "registry_unavailable")


@pytest.mark.parametrize("role", ["admin", "auditor", "developer", "pipeline", "reviewer", "risk-officer", "chief-actuary"])
async def test_everybody_with_a_role_may_try(service: Service, role: str) -> None:
    await planned(service)
    assert (await another(service, "x", role).post("/v1/trials?timeout=0", wanted())).status_code == 202


@pytest.mark.parametrize("roles", [(), ("service",)])
async def test_who_has_no_role_in_the_process_may_not(service: Service, roles: tuple[str, ...]) -> None:
    await planned(service)
    answer = await another(service, "x", *roles, kind="service_account").post("/v1/trials", wanted())
    assert (answer.status_code, answer.json()["code"]) == (403, "role_required")
    assert (await service.developer.client.post("/v1/trials", json=wanted())).status_code == 401


async def test_rows_that_a_taken_over_child_made_up_are_not_shown(service: Service) -> None:
    await planned(service)
    trial_id = await queued(service)
    workers = await service.site.workers()
    claimed = await workers.row_trials.queue.claim()
    assert claimed is not None
    await workers.row_trials.queue.end(claimed, {"rows": [{"prediction": {"class": "<script>", "and": "more"}}]})
    trial = (await service.developer.get(f"/v1/trials/{trial_id}")).json()
    assert (trial["status"], trial["reason_code"], trial["tried"]) == ("errored", "crashed", None)
