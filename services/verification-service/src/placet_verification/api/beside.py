"""Finds the run that a report is shown beside: one that is named, or that of the deployed version."""

from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import Request

from placet_shared.errors import FieldError, Invalid, NotFound
from placet_verification.api.parts import verification_of
from placet_verification.api.reports.comparison import Because, compared
from placet_verification.api.runs import ENDED, existing_run
from placet_verification.queries.comparable_runs import newest_passed
from placet_verification.queries.runs import RunDetailView, result_body

__all__ = ["CHAMPION", "Both", "both_runs", "ended_run"]

CHAMPION = "champion"


@dataclass(frozen=True, slots=True)
class Both:
    """Two runs that have results, and why the second one is it."""

    run: RunDetailView
    result: dict[str, Any]
    beside: RunDetailView
    other: dict[str, Any]
    because: Because

    def compared(self) -> dict[str, Any]:
        """The comparison as JSON has it."""
        return compared(self.run, self.result, self.beside, self.other, self.because)


async def ended_run(request: Request, run_id: str) -> RunDetailView:
    """Raises `NotFound`, also while it goes on."""
    run = await existing_run(request, run_id)
    if run.status not in ENDED:
        advice = f"Wait for it at /v1/runs/{run_id}/wait."
        raise NotFound(f"The run {run_id} has not ended.", code="report_not_found", resolve=advice, status=run.status)
    return run


async def both_runs(request: Request, run_id: str, beside: str) -> Both:
    """Raises `NotFound` where one of them has no result, `Invalid` for a run beside itself, `Unavailable` without the registry."""
    run = await ended_run(request, run_id)
    result = await _result(request, run)
    because: Because = "champion" if beside == CHAMPION else "named"
    other = await ended_run(request, await _champions_run(request, run) if because == "champion" else beside)
    if other.id == run.id:
        wrong = FieldError("beside", beside, "the id of another run, or `champion`")
        raise Invalid("A run is not shown beside itself.", code="same_run", errors=[wrong])
    return Both(run, result, other, await _result(request, other), because)


async def _champions_run(request: Request, run: RunDetailView) -> str:
    verification = verification_of(request)
    deployed = await verification.registry.deployed(run.model_id, run.environment)
    advice = "Name the run to compare with by its id: `placet runs list`, GET /v1/runs."
    if deployed is None:
        raise NotFound(f"Nothing of the model is deployed in {run.environment}.", code="champion_not_found", resolve=advice)
    if deployed.version_id == run.version_id:
        detail = f"The version of this run is what is deployed in {run.environment}: there is no other champion to compare with."
        raise NotFound(detail, code="champion_is_this_version", resolve=advice)
    plan = run.plan
    found = await newest_passed(verification.pool, deployed.version_id, run.environment, plan["name"], plan["sha256"])
    if found is None:
        raise NotFound(
            f"The deployed version {deployed.version_id} has no passed run by the plan {plan['name']} for {run.environment}.",
            code="champion_run_not_found",
            resolve=f"Verify it by this plan, or compare with a run of your choice. {advice}",
            version_id=deployed.version_id,
        )
    return found


async def _result(request: Request, run: RunDetailView) -> dict[str, Any]:
    body = await result_body(verification_of(request).pool, run.result_sha256) if run.result_sha256 else None
    if body is None:
        detail = f"The run {run.id} has no result to compare: it ended as {run.status}."
        raise NotFound(detail, code="result_not_found", resolve=run.resolve, status=run.status)
    found: dict[str, Any] = orjson.loads(body)
    return found
