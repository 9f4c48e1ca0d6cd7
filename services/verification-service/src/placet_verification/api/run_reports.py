"""Endpoints of reports and results."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request, Response

from placet_shared.errors import NotFound, Unavailable
from placet_shared.service.identity import CurrentActor
from placet_shared.web.json_responses import json_response
from placet_verification.api.parts import verification_of
from placet_verification.api.reports import html_report, junit_report
from placet_verification.api.reports.html_report import CONTENT_POLICY
from placet_verification.api.response_models import ReportAnswer
from placet_verification.api.runs import ENDED, existing_run
from placet_verification.queries.runs import RunDetailView, result_body, run_observations

__all__ = ["run_reports"]

run_reports = APIRouter(prefix="/v1", tags=["runs"])

RunId = Annotated[str, Path(max_length=63, description="Id of a run.")]
HTML: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "One file"}}
XML: dict[int | str, dict[str, Any]] = {200: {"content": {"application/xml": {"schema": {"type": "string"}}}, "description": "JUnit XML"}}


@run_reports.get("/runs/{run_id}/report", response_model=ReportAnswer, summary="Everything a run has found")
async def read_report(request: Request, actor: CurrentActor, run_id: RunId) -> Response:
    """`result` is deterministic and `result_sha256` is its digest; `observations` (durations, memory, host) are in no digest."""
    pool = verification_of(request).pool
    run = await _ended(request, run_id)
    result = await result_body(pool, run.result_sha256) if run.result_sha256 else None
    front = json_response({name: getattr(run, name) for name in ("id", "status", "reason_code", "detail", "resolve", "result_sha256")}).body
    observations = await run_observations(pool, run_id)
    body = bytes(front)[:-1] + b',"result":' + (result or b"null") + b',"observations":' + observations + b"}"
    return Response(body, media_type="application/json")


@run_reports.get("/runs/{run_id}/report.html", response_class=Response, responses=HTML, summary="The report as a page")
async def read_report_page(request: Request, actor: CurrentActor, run_id: RunId) -> Response:
    """One file without scripts, to be kept, sent or printed: every check with its records, pictures and what they show."""
    pool = verification_of(request).pool
    run = await _ended(request, run_id)
    result = await result_body(pool, run.result_sha256) if run.result_sha256 else None
    observations = orjson.loads(await run_observations(pool, run_id))
    page = html_report(run, orjson.loads(result) if result else None, observations, await _name_of(request, run))
    headers = {"Content-Security-Policy": CONTENT_POLICY, "X-Content-Type-Options": "nosniff"}
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)


@run_reports.get("/runs/{run_id}/report.xml", response_class=Response, responses=XML, summary="The report as JUnit XML")
async def read_junit_report(request: Request, actor: CurrentActor, run_id: RunId) -> Response:
    """A test case for each check, as continuous integration reads it."""
    return Response(junit_report(await _ended(request, run_id)), media_type="application/xml")


@run_reports.get("/results/{sha256}", response_model=dict[str, Any], summary="A result by its digest")
async def read_result(
    request: Request, actor: CurrentActor, sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$", max_length=64)]
) -> Response:
    """Exactly the bytes that the digest stands for: canonical JSON (RFC 8785)."""
    body = await result_body(verification_of(request).pool, sha256)
    if body is None:
        raise NotFound(f"There is no result {sha256}.", code="result_not_found")
    return Response(body, media_type="application/json", headers={"ETag": f'"{sha256}"', "Cache-Control": "private, immutable"})


async def _ended(request: Request, run_id: str) -> RunDetailView:
    run = await existing_run(request, run_id)
    if run.status not in ENDED:
        advice = f"Wait for it at /v1/runs/{run_id}/wait."
        raise NotFound(f"The run {run_id} has not ended.", code="report_not_found", resolve=advice, status=run.status)
    return run


async def _name_of(request: Request, run: RunDetailView) -> str | None:
    """What people call the version, unless the registry does not answer: the report does not wait for it."""
    registry = verification_of(request).registry
    try:
        model, version = await registry.model(run.model_id), await registry.version(run.version_id)
    except Unavailable:
        return None
    return f"{model.selectable.name}/{version.number}" if model and version else None
