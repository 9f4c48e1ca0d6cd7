"""Endpoints of runs."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from placet_shared.errors import NotFound
from placet_shared.event_store import Answer
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answer, answering
from placet_shared.service.running import kept_open
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, cut
from placet_verification.api.bodies import CancellationBody, VerificationBody
from placet_verification.api.enqueueing import run_request
from placet_verification.api.parts import verification_of
from placet_verification.api.response_models import (
    RunAnswer,
    RunCancelledAnswer,
    RunDetail,
    RunRequestedAnswer,
    RunStatus,
    VerificationAnswer,
)
from placet_verification.commands.cancel_run import cancel_run
from placet_verification.commands.request_verification import RequestedVerification, request_run, request_verification
from placet_verification.queries.queue_places import place_of_run
from placet_verification.queries.runs import RunDetailView, RunSearch, run_by_id, search_runs

__all__ = ["ENDED", "existing_run", "runs"]

LONGEST_WAIT = 25.0
ENDED = frozenset({"passed", "failed", "errored", "cancelled"})

runs = APIRouter(prefix="/v1", tags=["runs"])

ModelId = Annotated[str | None, Query(max_length=63, description="Only of this model, by its id.")]
VersionId = Annotated[str | None, Query(max_length=63, description="Only of this version, by its id.")]
Environment = Annotated[str | None, Query(max_length=63, description="Only for this environment.")]
RunId = Annotated[str, Path(max_length=63, description="Id of a run.")]
Status = Annotated[RunStatus | None, Query(description="Only those in this state.")]


@runs.post("/verifications", status_code=202, response_model=VerificationAnswer, summary="Verify a version by every plan in force")
async def request_a_verification(request: Request, actor: CurrentActor, body: VerificationBody) -> Response:
    """For developers, pipelines and admins. Requests a run by each plan that is in force for the version's model in the environment, all
    or none, and answers at once; `GET /v1/runs/{id}/wait` waits for the end of each.

    404 `plan_not_found`, `version_not_found`; 409 `format_not_supported`, `artifact_not_kept`, `dataset_fixed_by_plan`,
    `check_not_installed`; 422 `dataset_missing`, `version_of_another_model`; 429 `too_many_open_runs` of the caller, `queue_full`, with
    `limit`, `open` and the `place` in the queue that the next run would have; 503 `registry_unavailable`.
    """
    return await run_request(request, request_verification, body.command(), _requested)


@runs.post("/runs", status_code=202, response_model=RunRequestedAnswer, summary="Verify a version by one plan")
async def request_a_run(request: Request, actor: CurrentActor, body: VerificationBody) -> Response:
    """As `POST /v1/verifications`, for the one plan that is in force or that `plan` names; 409 `several_plans` when there are more."""
    return await run_request(request, request_run, body.command(), answering(202, "/v1/runs/{id}"))


@runs.get("/runs", response_model=Page[RunAnswer], summary="Search runs")
async def list_runs(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    model_id: ModelId = None,
    version_id: VersionId = None,
    environment: Environment = None,
    status: Status = None,
) -> Response:
    """The newest first; restrictions add up."""
    before = page.after("runs", int)
    search = RunSearch(model_id, version_id, environment, status)
    rows = await search_runs(verification_of(request).pool, search, before[0] if before else None, page.limit + 1)
    return json_response(cut(rows, page, "runs", key=lambda row: (row[0],), item=lambda row: row[1]))


@runs.get("/runs/{run_id}", response_model=RunDetail, summary="A run")
async def read_run(request: Request, actor: CurrentActor, run_id: RunId) -> Response:
    """Status, checks in short, every attempt, and the place in the queue of a run that waits."""
    return json_response(await _placed(request, await existing_run(request, run_id)))


@runs.get("/runs/{run_id}/wait", response_model=RunDetail, summary="Wait for a run's end")
async def wait_for_run(
    request: Request,
    actor: CurrentActor,
    run_id: RunId,
    timeout: Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="Seconds; then the answer has its current state.")] = LONGEST_WAIT,
) -> Response:
    """Answers as soon as the run has ended; ask again while `status` is `queued` or `running`."""
    with kept_open(request, actor):
        run = await verification_of(request).waiting.wait(run_id, lambda run: run.status in ENDED, timeout)
    return json_response(await _placed(request, _existing(run, run_id)))


@runs.post("/runs/{run_id}/cancel", response_model=RunCancelledAnswer, summary="Cancel a run")
async def cancel_a_run(request: Request, actor: CurrentActor, run_id: RunId, body: CancellationBody) -> Response:
    """For the one who requested it and still has a role to, and for admins. The run ends as `cancelled`, without a result; a worker that is
    at it stops.

    403 `run_of_another_person`; 404 `run_not_found`; 409 `run_ended` also when it was cancelled before.
    """
    return await run_command(request, cancel_run, body.command(run_id))


def _requested(verification: RequestedVerification) -> Answer:
    return answer(202, replace(verification, runs=[answer(202, run).body for run in verification.runs]))


async def existing_run(request: Request, run_id: str) -> RunDetailView:
    """Raises `NotFound`."""
    return _existing(await run_by_id(verification_of(request).pool, run_id), run_id)


async def _placed(request: Request, run: RunDetailView) -> RunDetailView:
    return replace(run, place=await place_of_run(verification_of(request).pool, run.id)) if run.status == "queued" else run


def _existing(run: RunDetailView | None, run_id: str) -> RunDetailView:
    if run is None:
        raise NotFound(f"There is no run {run_id}.", code="run_not_found")
    return run
