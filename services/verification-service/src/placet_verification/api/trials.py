"""Endpoints of trials: rows that a person gives, predicted and explained by a version; no evidence."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import ValidationError

from placet_shared.access import Actor, demand_part
from placet_shared.errors import NotFound, Unavailable
from placet_shared.service.identity import CurrentActor
from placet_shared.service.running import kept_open
from placet_shared.web.json_responses import json_response
from placet_verification.api.bodies import TrialBody
from placet_verification.api.parts import verification_of
from placet_verification.api.trial_models import TrialAnswer, TrialCount, TriedRows
from placet_verification.commands.try_rows import try_rows
from placet_verification.domain.reasons import in_words
from placet_verification.queries.row_trials import RowTrialView, count_of_model

__all__ = ["trials"]

LONGEST_WAIT = 25.0
LATER: dict[int | str, dict[str, Any]] = {
    202: {"model": TrialAnswer, "description": "There is no answer yet: ask again at `Location`"},
}
FACTS = ("id", "model_id", "version_id", "environment", "plan", "artifact_sha256", "dataset_sha256", "requested_at", "ended_at")

trials = APIRouter(prefix="/v1", tags=["trials"])

Wait = Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="Seconds; then the answer has the trial's current state.")]


async def _may_try(actor: CurrentActor) -> Actor:
    """All who have a role in the process: people who decide, who develop, who look on, and pipelines."""
    demand_part(actor)
    return actor


TryingActor = Annotated[Actor, Depends(_may_try)]


@trials.post("/trials", response_model=TrialAnswer, responses=LATER, summary="Try rows on a version")
async def try_given_rows(request: Request, actor: TryingActor, body: TrialBody, timeout: Wait = LONGEST_WAIT) -> Response:
    """For all accounts with a role. Each row is predicted by the version in the sandbox of runs, explained by Shapley values against the
    plan's data, and given the nearest counterfactual within the ranges of these. Nothing of it is evidence, and neither rows nor answer are
    kept: this answer removes them. Only their number is counted.

    404 `version_not_found`, `plan_not_found`; 409 `plan_without_data`, `several_plans`, `format_not_supported`, `artifact_not_kept`,
    `dataset_fixed_by_plan`; 422 `malformed_rows` names row, column, value and what is allowed, `dataset_missing`; 429
    `too_many_trials`; 503 `no_worker`, `registry_unavailable`.
    """
    service = verification_of(request)
    trial_id = await try_rows(body.trial(actor.id), service.pool, service.registry, service.row_trials)
    service.trial_answers.asked()
    return await _answer(request, actor, trial_id, timeout, keep=False)


@trials.get("/trials/{trial_id}", response_model=TrialAnswer, responses=LATER, summary="Wait for a trial's answer")
async def read_trial(
    request: Request,
    actor: TryingActor,
    trial_id: Annotated[str, Path(max_length=63, description="Id of a trial of your own.")],
    timeout: Wait = LONGEST_WAIT,
) -> Response:
    """For a trial whose answer took longer than its request waited. It is there for two minutes, and only for its requester: 404
    `trial_not_found`."""
    return await _answer(request, actor, trial_id, timeout, keep=True)


@trials.get("/models/{model_id}/trials", response_model=TrialCount, summary="How often a model's versions were tried")
async def count_trials(
    request: Request, actor: CurrentActor, model_id: Annotated[str, Path(max_length=63, description="Id of a model.")]
) -> Response:
    """A number alone: by whom and with which rows is not kept."""
    return json_response(await count_of_model(verification_of(request).pool, model_id))


async def _answer(request: Request, actor: Actor, trial_id: str, seconds: float, *, keep: bool) -> Response:
    with kept_open(request, actor):
        trial = await verification_of(request).trial_answers.wait((trial_id, actor.id), seconds, keep=keep)
    if trial is None:
        raise NotFound(
            f"You have no trial {trial_id}; it may have been read, or have expired.",
            code="trial_not_found",
            resolve="Send the rows again with POST /v1/trials.",
        )
    if trial.unclaimed:
        raise Unavailable(
            "No worker of verification-service took the trial: none seems to be running.",
            code="no_worker",
            resolve="Ask an operator whether workers run (`python -m placet_verification worker`), and send the rows again.",
            retry_after=10,
        )
    body = _members(trial)
    if trial.ended_at is None:
        return json_response(body, 202, {"Location": f"/v1/trials/{trial.id}", "Retry-After": "1"})
    return json_response(body)


def _members(trial: RowTrialView) -> dict[str, Any]:
    tried, refusal = _measured(trial)
    detail, resolve = in_words(refusal["reason_code"]) if refusal else (None, None)
    return {
        **{name: getattr(trial, name) for name in FACTS},
        "status": "errored" if refusal else trial.status,
        "tried": tried,
        "reason_code": refusal and refusal["reason_code"],
        "detail": detail,
        "resolve": resolve,
        "facts": refusal["facts"] if refusal else {},
    }


def _measured(trial: RowTrialView) -> tuple[TriedRows | None, dict[str, Any] | None]:
    """The rows, or why there are none. What the child said of them is as untrusted as the model that it ran."""
    if trial.tried is None:
        return None, dict(trial.refusal) if trial.refusal else None
    try:
        return TriedRows.model_validate(trial.tried, strict=True), None
    except ValidationError:
        return None, {"reason_code": "crashed", "facts": {"answer": "unreadable"}}
