"""`GET /v1/entries/{index}`."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from placet_audit.api.parameters import Index, OnlyKnown
from placet_audit.api.parts import audit_of
from placet_audit.queries.entries import LogEntry, read_entry
from placet_shared.service.identity import CurrentActor

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["entries"], dependencies=[OnlyKnown])


@router.get("/entries/{index}", summary="One entry of the audit log")
async def entry(
    request: Request, actor: CurrentActor, index: Annotated[Index, Path(ge=0, description="of the entry in the log, from 0")]
) -> LogEntry:
    """The event as it was recorded, every envelope column kept."""
    return await read_entry(audit_of(request).pool, index)
