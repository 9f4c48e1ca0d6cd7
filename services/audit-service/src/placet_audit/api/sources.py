"""`GET /v1/sources`, and the events that a source has lost."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel

from placet_audit.api.parameters import Index, OnlyKnown
from placet_audit.api.parts import audit_of
from placet_audit.api.snapshot import snapshot
from placet_audit.queries.completeness import Completeness
from placet_audit.queries.entries import LogEntry
from placet_audit.queries.forks import Fork, read_forks
from placet_audit.queries.lost_events import lost_events
from placet_shared.service.identity import CurrentActor

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["entries"], dependencies=[OnlyKnown])


class Sources(Completeness):
    """The logged position of each source, and the forks where a source was restored."""

    forks: list[Fork]


@router.get("/sources", summary="How complete the log is")
async def sources(request: Request, actor: CurrentActor) -> Sources:
    """Every source with its last logged event, its head, and for how long events may be missing."""
    async with snapshot(request) as (connection, complete):
        return Sources(**complete.model_dump(), forks=list(await read_forks(connection)))


class LostEvents(BaseModel):
    """Entries in the order of the log; when there are `limit` of them, more may follow."""

    items: list[LogEntry]


@router.get("/sources/{source}/lost", summary="What a source lost in restores")
async def lost(
    request: Request,
    actor: CurrentActor,
    source: Annotated[str, Path(max_length=100, description="registry, verification, approval or audit")],
    after: Annotated[Index, Query(description="the index of the last entry you have; -1 to begin")] = -1,
    limit: Annotated[int, Query(ge=1, le=500, description="how many entries at most")] = 500,
) -> LostEvents:
    """The events of branches that the source does not have any more, as far as they were logged. It may have regained some of them."""
    return LostEvents(items=list(await lost_events(audit_of(request).pool, source, after, limit)))
