"""Endpoints of checks: the kinds that a plan may ask for, and what one check has found over a model's versions."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from placet_shared.service.identity import CurrentActor
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, cut
from placet_verification.api.parts import verification_of
from placet_verification.api.response_models import CheckHistoryAnswer, CheckKinds
from placet_verification.checks import check_kinds
from placet_verification.queries.check_history import check_history

__all__ = ["checks"]

checks = APIRouter(prefix="/v1", tags=["plans"])


@checks.get("/checks", response_model=CheckKinds, summary="The kinds of checks")
async def list_kinds(request: Request, actor: CurrentActor) -> Response:
    """Those that are installed here, with the JSON schema of their parameters."""
    kinds = [
        {
            "name": kind.name,
            "version": kind.version,
            "purpose": kind.purpose,
            "runs_the_model": kind.runs_the_model,
            "needs": sorted(kind.needs),
            "parameters": kind.parameters.model_json_schema(by_alias=True),
        }
        for kind in check_kinds().values()
    ]
    return json_response({"items": kinds})


@checks.get("/models/{model_id}/checks/{check_id}", response_model=Page[CheckHistoryAnswer], summary="What a check has found over time")
async def read_check_history(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    model_id: Annotated[str, Path(max_length=63, description="Id of a model.")],
    check_id: Annotated[str, Path(max_length=63, description="The check's id in its plan.", examples=["auc"])],
    environment: Annotated[str | None, Query(max_length=63, description="Only of runs for this environment.")] = None,
) -> Response:
    """Over all versions of a model, the newest run first: the worst record of the check in each run with a result."""
    before = page.after("checks", int)
    pool = verification_of(request).pool
    rows = await check_history(pool, model_id, check_id, environment, before[0] if before else None, page.limit + 1)
    return json_response(cut(rows, page, "checks", key=lambda row: (row[0],), item=lambda row: row[1]))
