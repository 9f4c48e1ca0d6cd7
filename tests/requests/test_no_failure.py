"""Whatever a request holds, it is answered with a reason, and no service fails at it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import httpx
import pytest

from placet_shared.processes import SOURCES

from .operations import Field, Operation, Request, operations

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

AT_ONCE = 16
MEANT = {503, 507}  # a neighbour does not answer, no room: with a reason of their own
TEXTS = (
    *("", " ", "\0", "a\0b", "\u202e", "é", "\U0001f600", "%", "%00", "..", "/", "'", '"', "\\", "[]", "{}", "null", "true", "-"),
    *("-1", "0", "1.5", "1e999", "NaN", "inf", "\uff11", "9" * 30, "9" * 5000, "x" * 300, "1" * 64),
    *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2027-02-30T00:00:00Z", "1700000000", "registry:1:1", "zz:1:1"),
    "99999999-9999-9999-9999-999999999999",
)
VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 1.5, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64, 10**400, float("nan"), float("inf"), 1e308),
    *("\ud800", "a\udfffb@c.d", [], [None], [[]], {}, {"": None}, ["a"] * 3),
)
BODIES = (
    *(b"", b"null", b"[]", b'"x"', b"{", b'{"a":NaN}', b"[" * 100_000, b"1" * 5000, b'{"a":' + b"9" * 5000 + b"}", b"\xff\xfe", b"\x00"),
    *(
        b'{"\\ud800":1}',
        b'{"a":1,"a":2}',
        b"\xef\xbb\xbf{}",
        b"--- !!python/object:x {}",
        b"a: &x [*x]",
        b"? [a]\n: b",
        b"%YAML 9.9\n---\na",
    ),
)
MEDIA_TYPES = ("application/json", "application/json; charset=utf-16", "multipart/form-data; boundary=", "application/yaml", 'a/b; c="', "")
TEXTS_OF_HEADERS = ("", "é", "%", '"', "-1", "1e999", "bytes=9-1", "bytes=,", "registry:1:1", "registry:9:9:x", ";,=", "\uff11")
HEADERS = (
    *("If-Match", "If-None-Match", "Idempotency-Key", "Placet-Seen", "Placet-Correlation", "Range", "If-Range", "Last-Event-ID"),
    *("X-Request-Id", "traceparent", "tracestate", "baggage", "Authorization", "Content-Type", "Accept", "Host", "Upgrade", "Expect"),
)


class Caller:
    """Sends requests as an admin, and keeps what a service failed at."""

    def __init__(self, clients: dict[str, httpx.AsyncClient]) -> None:
        self._clients = clients
        self.failures: list[str] = []
        self.sent = 0

    async def send_all(self, requests: Iterator[tuple[Operation, str, Request]]) -> None:
        """Several at once."""
        waiting = iter(requests)

        async def some() -> None:
            for operation, what, request in waiting:
                await self._send(operation, what, request)

        await asyncio.gather(*[some() for _ in range(AT_ONCE)])

    async def _send(self, operation: Operation, what: str, request: Request) -> None:
        self.sent += 1
        client = self._clients[operation.source]
        prepared = client.build_request(
            request.method,
            request.url,
            params=list(request.query),
            headers=[(name.encode(), value.encode()) for name, value in request.all_headers],
            content=request.content,
        )
        try:
            answer = await client.send(prepared, stream=True)  # a stream of events has no end that a test could wait for
            await answer.aclose()
        except httpx.TransportError as error:
            self.failures.append(f"{operation}, {what}: {error!r}")
            return
        if answer.status_code >= 500 and answer.status_code not in MEANT:
            self.failures.append(f"{operation}, {what}: {answer.status_code}")


@pytest.fixture
async def caller(installation: Any) -> AsyncIterator[Caller]:
    headers = {"Authorization": f"Bearer {installation.token('dora')}"}
    async with AsyncExitStack() as stack:
        clients = {
            source: await stack.enter_async_context(
                httpx.AsyncClient(base_url=getattr(installation.addresses, source), headers=headers, timeout=60, trust_env=False)
            )
            for source in SOURCES
        }
        yield Caller(clients)


@pytest.mark.parametrize("source", SOURCES)
async def test_no_value_of_any_field_makes_a_service_fail(caller: Caller, source: str) -> None:
    await caller.send_all(_one_field_at_a_time(source))
    await caller.send_all(_all_fields_at_once(source))
    assert caller.failures == []
    assert caller.sent > 500


async def test_no_body_makes_a_service_fail(caller: Caller) -> None:
    await caller.send_all(_whole_bodies())
    assert caller.failures == []


async def test_no_header_makes_a_service_fail(caller: Caller) -> None:
    await caller.send_all(_headers())
    assert caller.failures == []


def _one_field_at_a_time(source: str) -> Iterator[tuple[Operation, str, Request]]:
    """What the document lets through gets further when all else in the request is right."""
    for operation in _of(source):
        for field in operation.fields():
            for value in _values(field):
                if _fits(field.schema, value):
                    yield operation, f"{field} = {value!r:.60}", operation.request((field, value))


def _all_fields_at_once(source: str) -> Iterator[tuple[Operation, str, Request]]:
    """What the document refuses."""
    for operation in _of(source):
        fields = [field for field in operation.fields() if field.path]
        for number in range(len(TEXTS) + len(VALUES)):
            chosen = [(field, values[number % len(values)]) for field in fields if (values := _values(field))]
            yield operation, f"number {number} in all fields", operation.request(*chosen)


def _of(source: str) -> list[Operation]:
    return [one for one in operations() if one.source == source]


def _values(field: Field) -> Sequence[Any]:
    if field.place == "body":
        return (*TEXTS, *VALUES)
    sendable = {"path": lambda text: text.strip("./"), "header": lambda text: text.isprintable() and text == text.strip()}
    return [text for text in TEXTS if sendable.get(field.place, bool)(text) or field.place == "query"]


def _fits(schema: Mapping[str, Any], value: Any) -> bool:
    kinds = {"string": str, "integer": int, "number": int | float, "array": list, "object": dict, "boolean": bool}
    if not isinstance(value, kinds.get(schema.get("type", ""), object)):
        return False
    if isinstance(value, str):
        return len(value) <= schema.get("maxLength", 0) and bool(re.search(schema.get("pattern", ""), value))
    return True


def _whole_bodies() -> Iterator[tuple[Operation, str, Request]]:
    for operation in operations():
        if operation.method in ("post", "put", "delete"):
            for body in BODIES:
                yield operation, f"{body!r:.40}", replace(operation.request(), raw=body)
            for media_type in MEDIA_TYPES:
                yield operation, media_type, replace(operation.request(), media_type=media_type, raw=json.dumps({"a": 1}).encode())


def _headers() -> Iterator[tuple[Operation, str, Request]]:
    texts = [*TEXTS_OF_HEADERS, "9" * 5000]
    one_of_each = {(one.source, one.method, "blobs" in one.path): one for one in operations()}
    for operation in one_of_each.values():
        for name in HEADERS:
            for text in texts:
                yield operation, f"{name}: {text!r:.40}", replace(operation.request(), headers=[(name, text)])
