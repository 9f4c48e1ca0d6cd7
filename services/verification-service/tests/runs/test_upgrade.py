"""A database of the first release becomes one of this release: its plans go on, its runs are read as today's, and nothing is lost."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from placet_shared.measured import measured_of_summaries
from placet_shared.postgres import migrate
from placet_shared.rebuilding import OwnEvents, rebuild
from placet_shared.testing import service_role
from placet_verification.api.response_models import PlanAnswer, RunDetail
from placet_verification.bootstrap import EVENT_REGISTRY, MIGRATIONS
from placet_verification.projections import PARTS

from .. import builders, onnx_models
from ..conftest import SCHEMA, Caller, Service, Site, actors
from ..first_release import document, first_release, summary

pytestmark = pytest.mark.postgres

CHECKS = [builders.check("roc_auc", 0.6)]
ROWS = "select {columns} from {table} order by position"


@dataclass
class Upgraded:
    """The service on what the first release left."""

    service: Service
    runs: dict[str, str] = field(default_factory=dict)

    @property
    def auditor(self) -> Caller:
        return self.service.auditor

    async def plans(self) -> list[dict[str, Any]]:
        return list((await self.auditor.get("/v1/plans")).json()["items"])

    async def seen(self) -> list[Any]:
        """Everything that is shown of plans and runs."""
        versions = [(await self.auditor.get(f"/v1/plans/{plan['name']}")).json() for plan in await self.plans()]
        runs = [await self.service.run(run_id) for run_id in self.runs.values()]
        return [await self.plans(), versions, runs, (await self.auditor.get("/v1/runs")).json()]


@pytest.fixture
async def old(site: Site) -> Upgraded:
    """Two environments whose plans have one name, a third plan that was renamed, and runs that ended in every way or wait."""
    rows = site.around.keep(builders.labelled_rows())
    artifact = site.around.keep(onnx_models.logistic())
    async with first_release(site) as release:
        await release.publish(document("test", rows, checks=CHECKS))
        prod = await release.publish(document("prod", rows, checks=CHECKS))
        dev = await release.publish(document("dev", rows, checks=CHECKS, name="first"))
        await release.publish(document("dev", rows, checks=CHECKS, name="renamed"), dev)
        runs = {status: await release.request("version-1", prod, artifact, rows) for status in ("passed", "failed", "errored")}
        runs["waiting"] = await release.request("version-1", prod, artifact, rows, queued=True)
        few = summary("other", "INSUFFICIENT_DATA", None, "too_few_rows")
        await release.end(runs["passed"], "passed", checks=[summary("roc_auc", "PASS", 0.812345)])
        await release.end(runs["failed"], "failed", checks=[summary("roc_auc", "FAIL", 0.4, "threshold_missed"), few])
        await release.end(runs["errored"], "errored", reason_code="not_onnx")
    await migrate(site.superuser_url, SCHEMA, MIGRATIONS, service_role=service_role(SCHEMA))
    site.around.register("version-1", onnx_models.logistic())
    return Upgraded(await actors(site), runs)


async def test_old_plans_stay_in_force_in_their_environments_for_every_model(old: Upgraded) -> None:
    plans = await old.plans()
    for plan in plans:
        PlanAnswer.model_validate(plan)
    named = [(plan["name"], plan["environments"], plan["version"]) for plan in plans]
    assert sorted(named) == [("credit-default", ["prod"], 1), ("credit-default", ["test"], 1), ("renamed", ["dev"], 2)]
    for environment, name in (("prod", "credit-default"), ("test", "credit-default"), ("dev", "renamed")):
        [found] = (await old.auditor.get("/v1/versions/version-1/plans", environment=environment)).json()["items"]
        assert (found["name"], found["because"]) == (name, "every model")
    assert (await old.auditor.get("/v1/plans/first")).status_code == 404
    assert [plan["version"] for plan in (await old.auditor.get("/v1/plans/renamed")).json()["items"]] == [2, 1]
    [written] = {plan["text"] for plan in plans}
    assert written == "as it was written"


async def test_old_runs_are_shown_as_todays(old: Upgraded) -> None:
    for status, run_id in old.runs.items():
        run = await old.service.run(run_id)
        RunDetail.model_validate(run)
        assert run["status"] == ("queued" if status == "waiting" else status)
        assert run["datasets"] == [{"input": "evaluation", "sha256": builders.sha256(builders.labelled_rows())}]
        assert (run["champion"], run["dataset_sha256"]) == (None, run["datasets"][0]["sha256"])
    failed = await old.service.run(old.runs["failed"])
    assert [(entry["check"], entry["records"]) for entry in failed["checks"]] == [("metric", 1), ("metric", 1)]
    assert failed["measured_sha256"] == measured_of_summaries(failed["checks"])
    assert (await old.service.run(old.runs["errored"]))["measured_sha256"] is None


async def test_a_read_model_built_anew_shows_the_same(old: Upgraded) -> None:
    before = await old.seen()
    keys = await old.service.site.fetch(ROWS.format(columns="plan_id, version, stream_key, environments, in_force", table="plans"))
    for part in PARTS.values():
        await rebuild(old.service.site.superuser_url, SCHEMA, OwnEvents(EVENT_REGISTRY, part), lambda done, of: None)
    assert await old.seen() == before
    again = await old.service.site.fetch(ROWS.format(columns="plan_id, version, stream_key, environments, in_force", table="plans"))
    assert again == keys


async def test_a_run_that_waited_is_verified_by_the_plan_of_then(old: Upgraded) -> None:
    await old.service.site.work_off()
    run = await old.service.run(old.runs["waiting"])
    assert (run["status"], run["plan"]["version"]) == ("passed", 1)
    report = (await old.auditor.get(f"/v1/runs/{run['id']}/report")).json()
    assert report["result"]["plan_sha256"] == run["plan"]["sha256"]
    [event] = await old.service.site.fetch("select schema_version from events where type = 'VerificationPassed' and subject = 'model-1' "
                                           "order by position desc limit 1")  # fmt: skip
    assert event["schema_version"] == 2


async def test_a_run_that_waited_is_its_requesters_in_the_queue(old: Upgraded) -> None:
    run = await old.service.run(old.runs["waiting"])
    assert run["place"] == 1
    [job] = await old.service.site.fetch("select requested_by, model_id from jobs")
    assert tuple(job) == (run["requested_by"], run["model_id"])
    assert (await old.service.admin.post(f"/v1/runs/{run['id']}/cancel", {"reason": "Of the first release."})).status_code == 200
    assert (await old.service.run(run["id"]))["status"] == "cancelled"


@pytest.mark.parametrize(("environment", "other"), [("prod", "test"), ("test", "prod")])
async def test_the_next_version_of_an_old_plan_goes_into_its_stream_and_leaves_the_others_alone(
    old: Upgraded, environment: str, other: str
) -> None:
    """Also where another environment's plan has the same name."""
    rows = builders.sha256(builders.labelled_rows())
    document = builders.plan(environments=[environment], dataset={"label": "y", "sha256": rows}, checks=CHECKS, seed=9)
    preview = (await old.service.admin.post("/v1/plans?dry_run=true", content=builders.written(document))).json()
    assert preview["current"]["environments"] == [environment]
    assert (await old.service.publish(document))["version"] == 2
    [event] = await old.service.site.fetch("select stream, version, schema_version from events order by position desc limit 1")
    assert tuple(event) == (f"plan-{environment}", 2, 2)
    for one, seed in ((environment, 9), (other, 7)):
        [found] = (await old.auditor.get("/v1/versions/version-1/plans", environment=one)).json()["items"]
        assert (found["name"], found["document"]["seed"]) == ("credit-default", seed)
    [run] = await old.service.verify("version-1", environment)
    await old.service.site.work_off()
    assert (await old.service.run(run["id"]))["status"] == "passed"


async def test_the_same_terms_in_the_words_of_today_are_a_new_version_once(old: Upgraded) -> None:
    rows = builders.sha256(builders.labelled_rows())
    document = builders.plan(environments=["dev"], name="renamed", dataset={"label": "y", "sha256": rows}, checks=CHECKS)
    assert [(await old.service.publish(document))["version"] for _ in range(2)] == [3, 3]


async def test_each_of_two_old_plans_of_one_name_can_be_withdrawn(old: Upgraded) -> None:
    for left in (["test"], []):
        answer = await old.service.admin.post("/v1/plans/credit-default/withdrawal", {"reason": "has a plan of its own now"})
        assert answer.status_code == 201
        assert [plan["environments"] for plan in await old.plans() if plan["name"] == "credit-default"] == ([left] if left else [])
    again = await old.service.admin.post("/v1/plans/credit-default/withdrawal", {"reason": "once more"})
    assert (again.status_code, again.json()["code"]) == (409, "plan_withdrawn")


async def test_a_plan_named_as_an_old_plans_environment_is_another_one(old: Upgraded) -> None:
    await old.service.publish({**builders.plan_without_data(), "name": "prod"})
    [event] = await old.service.site.fetch("select stream, version from events order by position desc limit 1")
    assert tuple(event) == ("plan-named_prod", 1)
    assert len(await old.plans()) == 4


async def test_the_tables_that_serve_after_a_rebuild_are_found(site: Site) -> None:
    async with first_release(site) as release:
        await release.publish(document("prod"))
    for table in ("plans", "runs"):
        await site.execute(f"alter table {table}_g1 rename to {table}_g4")
    await migrate(site.superuser_url, SCHEMA, MIGRATIONS, service_role=service_role(SCHEMA))
    [row] = await site.fetch("select environments, stream_key, in_force from plans")
    assert tuple(row) == (["prod"], "prod", True)
