"""Endpoints of reports and results."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from placet_shared.errors import NotFound, Unavailable
from placet_shared.service.identity import CurrentActor
from placet_shared.web.json_responses import json_response
from placet_verification.api.beside import both_runs, ended_run
from placet_verification.api.comparison_models import ComparisonAnswer
from placet_verification.api.parts import verification_of
from placet_verification.api.reports import comparison_page, html_report, junit_report
from placet_verification.api.reports.html_report import CONTENT_POLICY
from placet_verification.api.response_models import ReportAnswer
from placet_verification.queries.runs import RunDetailView, result_body, run_observations

__all__ = ["run_reports"]

run_reports = APIRouter(prefix="/v1", tags=["runs"])

RunId = Annotated[str, Path(max_length=63, description="Id of a run.")]
Beside = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=63,
        description="Compare with this run; `champion` is the newest passed run, by the same plan, of the version that is deployed in the "
        "run's environment. The answer is then a comparison, which is no evidence.",
    ),
]
HTML: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "One file"}}
XML: dict[int | str, dict[str, Any]] = {200: {"content": {"application/xml": {"schema": {"type": "string"}}}, "description": "JUnit XML"}}


@run_reports.get("/runs/{run_id}/report", response_model=ReportAnswer | ComparisonAnswer, summary="Everything a run has found")
async def read_report(request: Request, actor: CurrentActor, run_id: RunId, beside: Beside = None) -> Response:
    """`result` is deterministic and `result_sha256` is its digest; `observations` (durations, memory, host) are in no digest.

    With `beside`, each record beside that of the other run. 404 `run_not_found`, `report_not_found`, `result_not_found`,
    `champion_not_found`, `champion_run_not_found`, `champion_is_this_version`; 422 `same_run`; 503 `registry_unavailable`.
    """
    if beside is not None:
        return json_response((await both_runs(request, run_id, beside)).compared())
    pool = verification_of(request).pool
    run = await ended_run(request, run_id)
    result = await result_body(pool, run.result_sha256) if run.result_sha256 else None
    front = json_response({name: getattr(run, name) for name in ("id", "status", "reason_code", "detail", "resolve", "result_sha256")}).body
    observations = await run_observations(pool, run_id)
    body = bytes(front)[:-1] + b',"result":' + (result or b"null") + b',"observations":' + observations + b"}"
    return Response(body, media_type="application/json")


@run_reports.get("/runs/{run_id}/report.html", response_class=Response, responses=HTML, summary="The report as a page")
async def read_report_page(request: Request, actor: CurrentActor, run_id: RunId, beside: Beside = None) -> Response:
    """One file without scripts, to be kept, sent or printed: every check with its records, pictures and what they show.

    With `beside`, both runs in one table, and their curves in one picture each; refused as `GET /v1/runs/{id}/report` is.
    """
    if beside is not None:
        return _page(await _comparison(request, run_id, beside))
    pool = verification_of(request).pool
    run = await ended_run(request, run_id)
    result = await result_body(pool, run.result_sha256) if run.result_sha256 else None
    observations = orjson.loads(await run_observations(pool, run_id))
    return _page(html_report(run, orjson.loads(result) if result else None, observations, await _name_of(request, run)))


@run_reports.get("/runs/{run_id}/report.xml", response_class=Response, responses=XML, summary="The report as JUnit XML")
async def read_junit_report(request: Request, actor: CurrentActor, run_id: RunId) -> Response:
    """A test case for each check, as continuous integration reads it."""
    return Response(junit_report(await ended_run(request, run_id)), media_type="application/xml")


@run_reports.get("/results/{sha256}", response_model=dict[str, Any], summary="A result by its digest")
async def read_result(
    request: Request,
    actor: CurrentActor,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$", max_length=64, description="`result_sha256` of a run.")],
) -> Response:
    """Exactly the bytes that the digest stands for: canonical JSON (RFC 8785)."""
    body = await result_body(verification_of(request).pool, sha256)
    if body is None:
        raise NotFound(f"There is no result {sha256}.", code="result_not_found")
    return Response(body, media_type="application/json", headers={"ETag": f'"{sha256}"', "Cache-Control": "private, immutable"})


async def _comparison(request: Request, run_id: str, beside: str) -> str:
    both = await both_runs(request, run_id, beside)
    names = await _name_of(request, both.run) or both.run.version_id, await _name_of(request, both.beside) or both.beside.version_id
    return comparison_page(both.compared(), names, (both.result["checks"], both.other["checks"]))


def _page(text: str) -> Response:
    headers = {"Content-Security-Policy": CONTENT_POLICY, "X-Content-Type-Options": "nosniff"}
    return Response(text, media_type="text/html; charset=utf-8", headers=headers)


async def _name_of(request: Request, run: RunDetailView) -> str | None:
    """What people call the version, unless the registry does not answer: the report does not wait for it."""
    registry = verification_of(request).registry
    try:
        model, version = await registry.model(run.model_id), await registry.version(run.version_id)
    except Unavailable:
        return None
    return f"{model.selectable.name}/{version.number}" if model and version else None
