"""Reads from the audit log, over HTTP, which events this service lost in a restore."""

from collections.abc import Sequence

import httpx
from pydantic import AwareDatetime, BaseModel, Json, ValidationError

from placet_approval.ports import LostEvent
from placet_shared.errors import Unavailable

__all__ = ["LogOverHttp"]

PATH = "/v1/sources/approval/lost"
PATIENCE_SECONDS = 5.0
PAGE = 500
PREFIX = "placet."


class _Event(BaseModel):
    id: str
    epoch: int
    position: int
    type: str
    subject: str
    actor: str
    time: AwareDatetime


class _Entry(BaseModel):
    index: int
    event: _Event
    data_bytes: Json[dict[str, object]]


class _Page(BaseModel):
    items: list[_Entry]


class LogOverHttp:
    """A `LogAsked`; the caller closes `client`."""

    def __init__(self, client: httpx.AsyncClient, audit_url: str, token: str) -> None:
        self._client = client
        self._url = f"{audit_url.rstrip('/')}{PATH}"
        self._headers = {"Authorization": f"Bearer {token}"}

    async def lost_events(self) -> Sequence[LostEvent]:
        """Page by page."""
        lost: list[LostEvent] = []
        after = -1
        while True:
            page = await self._page(after)
            lost += [_lost(entry) for entry in page.items]
            if len(page.items) < PAGE:
                return lost
            after = page.items[-1].index

    async def _page(self, after: int) -> _Page:
        try:
            query: dict[str, str | int] = {"after": after, "limit": PAGE}
            answer = await self._client.get(self._url, params=query, headers=self._headers, timeout=PATIENCE_SECONDS)
            answer.raise_for_status()
            return _Page.model_validate_json(answer.content)
        except (httpx.HTTPError, ValidationError) as error:
            raise Unavailable(f"the audit log does not say what was lost: {error!r}", code="log_unreachable") from error


def _lost(entry: _Entry) -> LostEvent:
    event = entry.event
    type_ = event.type.removeprefix(PREFIX).rpartition(".v")[0]
    return LostEvent(event.id, event.epoch, event.position, type_, event.subject, event.actor, event.time, entry.data_bytes)
