"""`GET /v1/sources`."""

from fastapi import APIRouter, Request

from placet_audit.api.parameters import OnlyKnown
from placet_audit.api.snapshot import snapshot
from placet_audit.queries.completeness import Completeness
from placet_audit.queries.forks import Fork, read_forks
from placet_shared.web.identity import CurrentActor

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["entries"], dependencies=[OnlyKnown])


class Sources(Completeness):
    """How far each source is logged, and where one of them was restored."""

    forks: list[Fork]


@router.get("/sources", summary="How complete the log is")
async def sources(request: Request, actor: CurrentActor) -> Sources:
    """Every source with its last logged event, its head, and for how long something may be missing."""
    async with snapshot(request) as (connection, complete):
        return Sources(**complete.model_dump(), forks=list(await read_forks(connection)))
