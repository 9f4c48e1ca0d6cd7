"""From an upload to a verdict: attestations are recorded by accounts that may request runs, and pinned by the request of a run."""

import asyncio
import json
from typing import Any

import pytest

from placet_shared.web.pages import Page
from placet_verification.api.response_models import AttestationAnswer, AttestationRecordedAnswer, ReportAnswer
from placet_verification.commands.record_attestation import MOST_BY_ONE_ACCOUNT

from .. import builders, onnx_models
from ..conftest import Caller, Service
from ..signing import CI, RED_TEAM, STRANGER, envelope, statement, trusting

pytestmark = pytest.mark.postgres

MODEL = onnx_models.logistic()
ARTIFACT = builders.sha256(MODEL)
PATH = "/v1/attestations"


@pytest.fixture
def published(service: Service) -> Service:
    """With a version whose artifact can be attested."""
    service.site.around.register("version-1", MODEL)
    return service


async def record(caller: Caller, raw: bytes, status: int = 201) -> dict[str, Any]:
    answer = await caller.post(PATH, content=raw.decode("latin-1"))
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def requested(service: Service) -> str:
    [run] = await service.verify("version-1")
    return str(run["id"])


async def found(service: Service, run_id: str) -> list[tuple[str, str, str | None]]:
    """The checks of a run, when all that were requested have ended."""
    await service.site.work_off()
    run = await service.run(run_id)
    assert run["checks"] is not None, run
    return [(run["status"], check["status"], check["reason_code"]) for check in run["checks"]]


async def test_attestation_is_recorded_once_listed_and_given_back_byte_for_byte(published: Service) -> None:
    raw = envelope(statement(ARTIFACT), CI)
    first = await record(published.developer, raw)
    AttestationRecordedAnswer.model_validate(first)
    assert (first["sha256"], first["artifacts"], first["model_id"]) == (builders.sha256(raw), [ARTIFACT], "model-1")
    assert await record(published.admin, raw, 200) == first
    second = await record(published.developer, raw + b"\n")
    assert second["sha256"] != first["sha256"]
    assert second["statement_sha256"] == first["statement_sha256"]
    listed = (await published.auditor.get(PATH, artifact_sha256=ARTIFACT)).json()
    Page[AttestationAnswer].model_validate(listed)
    assert [one["sha256"] for one in listed["items"]] == [second["sha256"], first["sha256"]]
    assert {one["recorded_by"] for one in listed["items"]} == {"person-alice"}
    assert (await published.auditor.get(PATH, artifact_sha256="ab" * 32)).json()["items"] == []
    page = (await published.auditor.get(PATH, limit=1)).json()
    rest = (await published.auditor.get(PATH, limit=1, cursor=page["next_cursor"])).json()
    assert [page["items"][0]["sha256"], rest["items"][0]["sha256"]] == [second["sha256"], first["sha256"]]
    kept = await published.auditor.get(f"{PATH}/{first['sha256']}")
    assert (kept.content, kept.headers["etag"]) == (raw, f'"{first["sha256"]}"')
    assert (await published.auditor.get(f"{PATH}/{'0' * 64}")).json()["code"] == "attestation_not_found"


async def test_the_same_envelope_at_the_same_moment_is_recorded_once(published: Service) -> None:
    raw = envelope(statement(ARTIFACT)).decode()
    answers = await asyncio.gather(*(published.developer.post(PATH, content=raw) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len((await published.auditor.get(PATH)).json()["items"]) == 1


@pytest.mark.parametrize(
    ("raw", "code", "field"),
    [
        (b"", "attestation_malformed", "envelope"),
        (b'{"payload": 1', "attestation_malformed", "envelope"),
        (b"\xff", "attestation_malformed", "envelope"),
        (envelope(statement(ARTIFACT), payload_type="text/plain"), "attestation_malformed", "payloadType"),
        (envelope(b"{}"), "attestation_malformed", "payload._type"),
        (envelope(statement(ARTIFACT, "GREAT")), "attestation_malformed", "payload.predicate.result"),
        (envelope(statement(ARTIFACT, passedTests=["x" * 250_000])), "attestation_malformed", "envelope"),
        (envelope(statement("ab" * 32)), "subject_unknown", None),
    ],
)
async def test_envelope_that_says_nothing_of_a_registered_artifact_is_refused(
    published: Service, raw: bytes, code: str, field: str | None
) -> None:
    answer = await record(published.developer, raw, 422)
    assert answer["code"] == code
    assert [error["field"] for error in answer.get("errors", ())] == ([field] if field else [])
    assert (await published.auditor.get(PATH)).json()["items"] == []


async def test_who_may_not_request_runs_may_not_record_attestations(published: Service) -> None:
    assert (await record(published.auditor, b"not even looked at", 403))["code"] == "role_required"


async def test_one_account_does_not_fill_the_list_of_an_artifact(published: Service) -> None:
    """Which would keep a failure out; and what is recorded already stays so."""
    many = [envelope(statement(ARTIFACT, url=str(place))) for place in range(MOST_BY_ONE_ACCOUNT)]
    await asyncio.gather(*(record(published.developer, raw) for raw in many))
    assert (await record(published.developer, envelope(statement(ARTIFACT)), 409))["code"] == "too_many_attestations"
    await record(published.developer, many[0], 200)
    await record(published.admin, envelope(statement(ARTIFACT, "FAILED")))


async def test_registry_that_does_not_answer_is_told(published: Service) -> None:
    published.site.around.down = True
    assert (await record(published.developer, envelope(statement(ARTIFACT)), 503))["code"] == "registry_unavailable"


async def test_plan_of_attestations_alone_neither_fetches_nor_runs_the_model(published: Service) -> None:
    published.site.around.register("version-1", MODEL, format="pytorch")
    await published.publish(builders.plan_without_data(trusting(CI)))
    await record(published.developer, envelope(statement(ARTIFACT)))
    run_id = await requested(published)
    published.site.around.blobs.clear()
    assert await found(published, run_id) == [("passed", "PASS", None)]
    report = (await published.auditor.get(f"/v1/runs/{run_id}/report")).json()
    ReportAnswer.model_validate(report)
    assert (report["result"]["engine_versions"], report["result"]["sandbox"]) == ({}, {})
    assert report["result"]["model_sha256"] == ARTIFACT
    for form in ("html", "xml"):
        assert (await published.auditor.get(f"/v1/runs/{run_id}/report.{form}")).status_code == 200


async def test_a_run_considers_what_was_recorded_before_its_request(published: Service) -> None:
    await published.publish(builders.plan_without_data(trusting(CI)))
    before = await requested(published)
    await record(published.developer, envelope(statement(ARTIFACT)))
    passing = await requested(published)
    await record(published.developer, envelope(statement(ARTIFACT, "FAILED")))
    failing = await requested(published)
    assert await found(published, before) == [("failed", "FAIL", "attestation_missing")]
    assert await found(published, passing) == [("passed", "PASS", None)]
    assert await found(published, failing) == [("failed", "FAIL", "tests_failed")]


async def test_the_same_attestations_give_the_same_result(published: Service) -> None:
    """Byte for byte, and a failure of which the run could not know yet changes nothing."""
    await published.publish(builders.plan_without_data(trusting(CI)))
    await record(published.developer, envelope(statement(ARTIFACT)))
    runs = [await requested(published), await requested(published)]
    await record(published.developer, envelope(statement(ARTIFACT, "FAILED")))
    await published.site.work_off()
    first, second = [await published.run(run_id) for run_id in runs]
    assert first["status"] == "passed"
    assert first["result_sha256"] == second["result_sha256"]


async def test_evidence_measures_the_same_after_a_further_success_and_not_after_a_failure(published: Service) -> None:
    await published.publish(builders.plan_without_data(trusting(CI)))
    measured = []
    for result, url in (("PASSED", "1"), ("PASSED", "2"), ("FAILED", "3")):
        await record(published.developer, envelope(statement(ARTIFACT, result, url=url)))
        run_id = await requested(published)
        await published.site.work_off()
        measured.append((await published.run(run_id))["measured_sha256"])
    assert measured[0] == measured[1] != measured[2]


async def test_key_that_a_new_version_of_the_plan_leaves_out_is_trusted_no_more(published: Service) -> None:
    await published.publish(builders.plan_without_data(trusting(CI)))
    await record(published.developer, envelope(statement(ARTIFACT), CI))
    by_the_old_one = await requested(published)
    await published.publish(builders.plan_without_data(trusting(RED_TEAM)))
    by_the_new_one = await requested(published)
    assert await found(published, by_the_old_one) == [("passed", "PASS", None)]
    assert await found(published, by_the_new_one) == [("failed", "FAIL", "attestation_missing")]
    await record(published.developer, envelope(statement(ARTIFACT), RED_TEAM))
    assert await found(published, await requested(published)) == [("passed", "PASS", None)]


async def test_attestation_of_other_registered_bytes_is_none_of_these(published: Service) -> None:
    """The insider owns a harmless model that the red team has passed."""
    harmless = onnx_models.logistic(bias=0.5)
    published.site.around.register("version-2", harmless, model_id="model-2")
    await published.publish(builders.plan_without_data(trusting(RED_TEAM)))
    good = envelope(statement(builders.sha256(harmless)), RED_TEAM)
    await record(published.developer, good)
    forged = json.loads(good)
    forged["payload"] = json.loads(envelope(statement(ARTIFACT)))["payload"]
    await record(published.developer, json.dumps(forged).encode())
    await record(published.developer, envelope(statement(ARTIFACT), STRANGER, keyid="key-0"))
    assert await found(published, await requested(published)) == [("failed", "FAIL", "attestation_missing")]


async def test_attestation_counts_for_every_version_of_its_bytes(published: Service) -> None:
    published.site.around.register("version-2", MODEL, model_id="model-2")
    await published.publish(builders.plan_without_data(trusting(CI)))
    recorded = await record(published.developer, envelope({**statement(ARTIFACT), "subject": subjects("ef" * 32, ARTIFACT)}))
    assert (recorded["model_id"], recorded["artifacts"]) == ("model-1", ["ef" * 32, ARTIFACT])
    for version in ("version-1", "version-2"):
        [run] = await published.verify(version)
        assert await found(published, run["id"]) == [("passed", "PASS", None)]


def subjects(*digests: str) -> list[dict[str, Any]]:
    return [{"digest": {"sha256": digest}} for digest in digests]


async def test_check_stands_beside_those_that_are_measured(published: Service) -> None:
    await published.publish(builders.plan_without_data(*builders.SAFETY[:1], trusting(CI, tests=["leak"])))
    await record(published.developer, envelope(statement(ARTIFACT, passedTests=["leak"])))
    run_id = await requested(published)
    assert await found(published, run_id) == [("passed", "PASS", None), ("passed", "PASS", None)]
    history = (await published.auditor.get("/v1/models/model-1/checks/tests")).json()["items"]
    assert [(one["run_id"], one["status"], one["metric"]) for one in history] == [(run_id, "PASS", "trusted_signatures")]


async def test_text_of_a_signer_is_shown_as_text(published: Service) -> None:
    mean = "<script>alert(1)</script>\x00]]>"
    await published.publish(builders.plan_without_data(trusting(CI)))
    await record(published.developer, envelope(statement(ARTIFACT, "FAILED", failedTests=[mean])))
    run_id = await requested(published)
    await published.site.work_off()
    page = (await published.auditor.get(f"/v1/runs/{run_id}/report.html")).text
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "key-0" in page
    report = (await published.auditor.get(f"/v1/runs/{run_id}/report")).json()
    assert report["result"]["checks"][0]["parameters"]["statements"][0]["failed_tests"] == [mean]
