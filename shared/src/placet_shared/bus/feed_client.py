"""Following another service's feed over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

import httpx
import msgspec

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.envelope import decode
from placet_shared.bus.followed import Followed
from placet_shared.bus.kept_connections import KeptConnections
from placet_shared.bus.passed_over import PassedOver
from placet_shared.bus.ports import Arrived, CarriedText, Digest
from placet_shared.certificates import trusted_certificates
from placet_shared.errors import OutOfRange, Unavailable
from placet_shared.event_store.records import Epoch, Position, RecordedEvent
from placet_shared.telemetry.spans import outgoing_traceparent

__all__ = ["FeedClient"]

Answer = TypeVar("Answer")
Query = Mapping[str, str | int | float | Sequence[str]]

LONG_POLL_SECONDS = 20.0
PATIENCE_SECONDS = 5.0


class Head(msgspec.Struct):
    """How far a source is; an older release does not name the event."""

    epoch: int
    position: int
    id: str | None = None
    nonce: str | None = None
    followed: tuple[Followed, ...] = ()


class Digested(msgspec.Struct):
    """What some events are."""

    until: int
    sha256: str
    head: Head


class SentText(msgspec.Struct):
    """A text; `salt` is in hex, and null with `body` when the text was erased."""

    id: str
    salt: str | None
    body: str | None


class SentTexts(msgspec.Struct):
    """Those of the texts asked for that the source has or had."""

    texts: list[SentText]


class Problem(msgspec.Struct):
    """The members of a problem document that tell why a cursor or a position was refused."""

    code: str = ""
    errors: Sequence[Mapping[str, Any]] = ()


class Page(msgspec.Struct):
    """A feed's page; events stay raw until their digest is checked."""

    head: Head
    epochs: list[Epoch]
    events: list[msgspec.Raw]
    passed: list[PassedOver] = []


_page = msgspec.json.Decoder(Page)
_head = msgspec.json.Decoder(Head)
_digest = msgspec.json.Decoder(Digested)
_texts = msgspec.json.Decoder(SentTexts)
_problem = msgspec.json.Decoder(Problem)


class FeedClient:
    """One source's feed; `token` is called for each request, so that a rotated token file is noticed.

    With `types`, events of other types come with their place, their ids and their type alone.
    """

    def __init__(
        self,
        name: str,
        url: str,
        token: Callable[[], str],
        *,
        types: Collection[str] = (),
        long_poll_seconds: float = LONG_POLL_SECONDS,
    ) -> None:
        self.name = name
        self._types = sorted(types)
        self.followed: tuple[Followed, ...] = ()
        self._token = token
        self._long_poll = long_poll_seconds
        self._client = httpx.AsyncClient(base_url=url, trust_env=False, verify=trusted_certificates())
        self._kept = KeptConnections(url, trusted_certificates())  # for the head, which is asked for with every question to the gate

    async def aclose(self) -> None:
        """Close the connections."""
        self._kept.close()
        await self._client.aclose()

    async def follow(self, after: Cursor) -> AsyncIterator[Arrived]:
        """Long-poll from a cursor on, without end."""
        while True:
            arrived = await self._page(after, 500, self._long_poll)
            if arrived.events:
                last = arrived.events[-1]
                after = Cursor(last.epoch, last.position, last.id)
            yield arrived

    async def read(self, after: Cursor, limit: int = 500) -> Arrived:
        """One page, without waiting."""
        return await self._page(after, limit, 0)

    async def digest(self, after: Cursor, until: int) -> Digest:
        """Of the events after the cursor up to this position, as the source has them."""
        answer = await self._get("/v1/feed/digest", {"after": str(after), "until": until}, _digest)
        if answer.until != until:
            raise self._no_answer(f"a digest up to {answer.until} and not up to {until}")
        return Digest(answer.sha256, self._position(answer.head))

    async def head(self) -> Position:
        """How far the source is, asked now."""
        head = await self._ask_head()
        if head.position and head.id is None:
            raise self._no_answer("does not say which event it is at: its release is too old")
        self.followed = head.followed
        return self._position(head)

    async def texts(self, ids: Sequence[str]) -> Mapping[str, CarriedText]:
        """Of these texts those that the source has or had."""
        sent = await self._get("/v1/feed/texts", {"id": ids}, _texts)
        try:
            return {one.id: CarriedText(bytes.fromhex(one.salt) if one.salt else None, one.body) for one in sent.texts}
        except ValueError as error:
            raise self._no_answer(f"not understood: {error}") from error

    async def epochs(self) -> Sequence[Epoch]:
        """All of them, oldest first."""
        return (await self._get("/v1/feed", {"limit": 1}, _page)).epochs

    async def _ask_head(self) -> Head:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await self._kept.get("/v1/feed/head", self._headers())
        except (OSError, TimeoutError, ValueError) as error:
            raise self._no_answer(repr(error)) from error
        if answer.status != 200:
            raise self._no_answer(f"status {answer.status} of its head")
        return self._understood(answer.body, _head)

    async def _page(self, after: Cursor, limit: int, wait: float) -> Arrived:
        query: Query = {"after": str(after), "limit": limit, "wait": wait, "types": self._types}
        page = await self._get("/v1/feed", query, _page, PATIENCE_SECONDS + wait)
        events = [self._event(raw) for raw in page.events]
        if page.passed:
            events = sorted([*events, *map(self._passed_over, page.passed)], key=lambda event: event.position)
        return Arrived(events, self._position(page.head), epochs=page.epochs)

    def _passed_over(self, event: PassedOver) -> RecordedEvent:
        if event.type in self._types or not self._types:
            raise self._no_answer(f"passed over event {event.position}, which was asked for")
        return event.recorded(self.name)

    def _event(self, raw: msgspec.Raw) -> RecordedEvent:
        event = decode(raw)
        if event.source != self.name:
            raise self._no_answer(f"sent an event of {event.source}")
        return event

    def _position(self, head: Head) -> Position:
        return Position(self.name, head.epoch, head.position, head.id, head.nonce)

    async def _get(self, path: str, query: Query, answer: msgspec.json.Decoder[Answer], read_seconds: float = PATIENCE_SECONDS) -> Answer:
        timeout = httpx.Timeout(PATIENCE_SECONDS, read=read_seconds)
        try:
            response = await self._client.get(path, params=query, headers=self._headers(), timeout=timeout)
        except httpx.HTTPError as error:
            raise self._no_answer(repr(error)) from error
        if response.status_code != 200:
            raise self._refusal(response)
        return self._understood(response.content, answer)

    def _headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._token()}", "traceparent": outgoing_traceparent()}

    def _understood(self, body: bytes, answer: msgspec.json.Decoder[Answer]) -> Answer:
        try:
            return answer.decode(body)
        except msgspec.MsgspecError as error:
            raise self._no_answer(f"not understood: {error}") from error

    def _refusal(self, response: httpx.Response) -> OutOfRange | Unavailable:
        """409 is a cursor that the source does not know, 422 one that it can't even read: no mark of its events leads there."""
        problem = _problem_in(response.content)
        if response.status_code == 409 or (response.status_code == 422 and any(one.get("field") == "after" for one in problem.errors)):
            return OutOfRange(f"{self.name} does not know this cursor", code="lost_branch")
        if response.status_code == 400 and problem.code == "beyond_head":
            return OutOfRange(f"{self.name} has not come as far", code="beyond_head")
        return self._no_answer(f"status {response.status_code} of {response.url.path}")

    def _no_answer(self, why: str) -> Unavailable:
        return Unavailable(f"{self.name} can't be read: {why}", code="source_unreachable")


def _problem_in(body: bytes) -> Problem:
    try:
        return _problem.decode(body)
    except msgspec.MsgspecError:
        return Problem()
