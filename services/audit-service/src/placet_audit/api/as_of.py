"""`GET /v1/as-of`."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from placet_audit.api.parameters import Index, OnlyKnown
from placet_audit.api.parts import audit_of
from placet_audit.api.snapshot import snapshot
from placet_audit.queries.as_of import Deployed, find_moment, read_deployed
from placet_audit.queries.completeness import Completeness
from placet_audit.queries.views import views_reach
from placet_shared.errors import Unavailable
from placet_shared.service.identity import CurrentActor
from placet_shared.web.timestamps import Timestamp

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["as of"], dependencies=[OnlyKnown])

PATIENCE_SECONDS = 5.0


class AsOf(Completeness):
    """What was deployed at a moment, on whose word."""

    index: int = Field(description="the last entry that counts; ask by it (and by `time`) and the answer is the same for ever")
    time: datetime = Field(description="the moment at which expiries were judged")
    deployments: list[Deployed]


@router.get("/as-of", summary="What was deployed where, and who had approved it, at any moment")
async def as_of(
    request: Request,
    actor: CurrentActor,
    time: Annotated[Timestamp | None, Query(description="all that the audit log had recorded by then; now when left out")] = None,
    index: Annotated[Index | None, Query(description="instead of a time: an index of the log, and the time at which it was logged")] = None,
    environment: Annotated[str | None, Query(max_length=300)] = None,
    model: Annotated[str | None, Query(max_length=300, description="a model's id or name")] = None,
) -> AsOf:
    """Repeat the question by `index` and `time` of the answer, and the answer is the same."""
    pool = audit_of(request).pool
    async with pool.acquire() as connection, connection.transaction():
        moment = await find_moment(connection, time, index)
    if not await views_reach(pool, moment.index, PATIENCE_SECONDS):
        raise Unavailable(f"the views have not reached entry {moment.index} yet", code="behind")
    async with snapshot(request) as (connection, complete):
        deployed = await read_deployed(connection, moment, environment, model)
    reach = {"as_of_index": moment.index, "as_of_time": moment.logged_at}
    return AsOf(**{**complete.model_dump(), **reach}, index=moment.index, time=moment.time, deployments=list(deployed))
