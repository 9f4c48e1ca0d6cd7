"""`GET /v1/as-of`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from placet_audit.api.parameters import Index, OnlyKnown
from placet_audit.api.parts import audit_of
from placet_audit.api.snapshot import snapshot
from placet_audit.queries.as_of import Deployed, DeployedFilter, find_moment, read_deployed
from placet_audit.queries.completeness import Completeness
from placet_shared.errors import FieldError, Malformed, Unavailable
from placet_shared.service.identity import CurrentActor
from placet_shared.web.pages import PageQuery, PageRequest, cut
from placet_shared.web.timestamps import Timestamp

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["as of"], dependencies=[OnlyKnown])

PATIENCE_SECONDS = 5.0
LISTING = "as-of"


class AsOf(Completeness):
    """What was deployed at a moment, and who had approved it."""

    index: int = Field(description="the last entry that counts; a question with it (and `time`) always has the same answer")
    time: datetime = Field(description="the moment at which expiries were judged")
    deployments: list[Deployed] = Field(
        description="by environment and model's name within a page; pages are in the order in which places were first deployed to"
    )
    next_cursor: str | None = Field(description="for the next page, which is about the same moment; null when this is the last one")


@router.get("/as-of", summary="What was deployed where, and who had approved it, at any moment")
async def as_of(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    time: Annotated[Timestamp | None, Query(description="all that the audit log had recorded by then; now when left out")] = None,
    index: Annotated[Index | None, Query(description="instead of a time: an index of the log, and the time at which it was logged")] = None,
    environment: Annotated[str | None, Query(max_length=300, description="only in this environment")] = None,
    model: Annotated[str | None, Query(max_length=300, description="a model's id or name")] = None,
) -> AsOf:
    """A question with the `index` and `time` of an earlier answer has the same answer."""
    last = _last_place(page, time, index)
    service = audit_of(request)
    async with service.pool.acquire() as connection, connection.transaction():
        moment = await find_moment(connection, *((last.time, last.index) if last else (time, index)))
    if not await service.views.wait(moment.index, PATIENCE_SECONDS):
        raise Unavailable(f"the views have not reached entry {moment.index} yet", code="behind")
    async with snapshot(request) as (connection, complete):
        after = last.first_index if last else -1
        found = await read_deployed(connection, moment, DeployedFilter(environment, model), after, page.limit + 1)
    shown = cut(found, page, LISTING, key=lambda one: (moment.index, moment.time.isoformat(), one.first_index), item=attrgetter("deployed"))
    reach = {"as_of_index": moment.index, "as_of_time": moment.logged_at, "index": moment.index, "time": moment.time}
    deployments = sorted(shown["items"], key=lambda one: (one.environment, one.model_name or "", one.model_id))
    return AsOf(**{**complete.model_dump(), **reach}, deployments=deployments, next_cursor=shown["next_cursor"])


@dataclass(frozen=True, slots=True)
class LastPlace:
    """Where a page ended, and which moment it was about."""

    index: int
    time: datetime
    first_index: int


def _last_place(page: PageRequest, time: datetime | None, index: int | None) -> LastPlace | None:
    """From the cursor of the page before; raises `Malformed` for a cursor of a question about another moment."""
    if (key := page.after(LISTING, int, str, int)) is None:
        return None
    try:
        last = LastPlace(key[0], datetime.fromisoformat(key[1]).astimezone(UTC), key[2])
    except (ValueError, OverflowError) as error:
        raise _another_moment(page) from error
    if time not in (None, last.time) or index not in (None, last.index):
        raise _another_moment(page)
    return last


def _another_moment(page: PageRequest) -> Malformed:
    return Malformed(
        "This cursor does not come from a question about this moment.",
        code="malformed_cursor",
        resolve="Repeat the question as it was, or begin without a cursor.",
        errors=[FieldError("cursor", page.cursor, "the next_cursor of the page before, with the same `time` and `index`")],
    )
