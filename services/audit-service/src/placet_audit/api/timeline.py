"""`GET /v1/timeline`."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request

from placet_audit.api.parameters import OnlyKnown
from placet_audit.api.parts import audit_of
from placet_audit.api.snapshot import snapshot
from placet_audit.domain.meaning import Result
from placet_audit.queries.completeness import Completeness
from placet_audit.queries.selecting_lines import Order
from placet_audit.queries.texts import texts_said
from placet_audit.queries.timeline import Line, TimelineFilter, read_timeline
from placet_shared.access import Roles
from placet_shared.service.identity import CurrentActor
from placet_shared.web.pages import PageQuery, cut
from placet_shared.web.timestamps import Timestamp

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["timeline"], dependencies=[OnlyKnown])

WHO_READS_TEXTS = (Roles.AUDITOR, Roles.ADMIN)


class Timeline(Completeness):
    """Some lines of the timeline, and how complete it is."""

    items: list[Line]
    next_cursor: str | None


def wanted_lines(
    model: Annotated[str | None, Query(max_length=300, description="a model's id or name")] = None,
    version: Annotated[str | None, Query(max_length=300, description="a version's id")] = None,
    environment: Annotated[str | None, Query(max_length=300, description="only in this environment; what was refused names none")] = None,
    actor: Annotated[str | None, Query(max_length=300, description="an opaque id; acts on behalf of it count")] = None,
    type: Annotated[str | None, Query(max_length=100, description="an event's type, such as `ApprovalGranted`")] = None,
    result: Annotated[Result | None, Query(description="what came of it")] = None,
    source: Annotated[
        Literal["registry", "verification", "approval", "audit"] | None, Query(description="the service that recorded it")
    ] = None,
    correlation: Annotated[str | None, Query(max_length=300, description="the request id that led to it")] = None,
    since: Annotated[Timestamp | None, Query(description="recorded at or after")] = None,
    until: Annotated[Timestamp | None, Query(description="recorded before")] = None,
) -> TimelineFilter:
    """The conditions of the query."""
    return TimelineFilter(model, version, environment, actor, type, result, source, correlation, since, until)


@router.get("/timeline", summary="Who did what, when, with which result")
async def timeline(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    wanted: Annotated[TimelineFilter, Depends(wanted_lines)],
    order: Annotated[Literal["newest", "oldest"], Query(description="which end to begin with")] = "newest",
) -> Timeline:
    """Every act on record that meets all conditions. `as_of_index` says how far the answer reaches, `sources` what may be missing.

    Auditors and admins also see what was `said` with an act: its rationale or comment, unless that was erased.
    """
    last = page.after(f"timeline {order}", int)
    async with snapshot(request) as (connection, complete):
        lines = await read_timeline(connection, wanted, Order(order == "newest", last[0] if last else None), page.limit + 1)
        if not actor.roles.isdisjoint(WHO_READS_TEXTS):
            said = await texts_said(connection, [line.index for line in lines], audit_of(request).texts.settled)
            lines = [line.model_copy(update={"said": said.get(line.index)}) for line in lines]
    shown = cut(lines, page, f"timeline {order}", key=lambda line: (line.index,))
    return Timeline(**shown, **complete.model_dump())
