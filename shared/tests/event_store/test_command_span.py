"""The trace of a command: its events carry the span that appended them."""

from typing import Any

import pytest
from msgspec.structs import replace
from opentelemetry.trace import SpanKind, StatusCode

from placet_shared.errors import Conflict, Unavailable
from placet_shared.event_store import Answer, EventStore, RequestKey, UnitOfWork
from placet_shared.testing import MemoryEventStore

from .conftest import EVENT_REGISTRY, metadata, raising

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED, UNSAMPLED = f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00"


@pytest.fixture
def store() -> MemoryEventStore:
    return MemoryEventStore(EVENT_REGISTRY)


async def run(store: EventStore, handler: Any, traceparent: str | None, key: RequestKey | None = None) -> Any:
    return await store.run(handler, replace(metadata(), traceparent=traceparent), None, action="raise", request_key=key)


@pytest.mark.parametrize("key", [None, RequestKey("once", b"a" * 32)])
async def test_events_carry_the_span_that_appended_them(store: MemoryEventStore, recorded: Any, key: RequestKey | None) -> None:
    committed = await run(store, raising("one"), SAMPLED, key)
    (span,) = recorded()
    assert (span.name, span.kind, f"{span.parent.span_id:016x}") == ("append counters", SpanKind.PRODUCER, PARENT)
    assert dict(span.attributes) == {"placet.action": "raise", "placet.batch.size": 1, "placet.position": str(committed.position)}
    carried = {event.traceparent for event in store.tables.events}
    assert carried == {f"00-{TRACE}-{span.context.span_id:016x}-{span.context.trace_flags:02x}"}


@pytest.mark.parametrize("given", [UNSAMPLED, None])
async def test_command_that_is_not_sampled_has_no_span(store: MemoryEventStore, recorded: Any, given: str | None) -> None:
    await run(store, raising("one"), given)
    assert recorded() == []
    assert {event.traceparent for event in store.tables.events} == {given}


async def test_trace_goes_through_where_nothing_is_recorded(store: MemoryEventStore) -> None:
    await run(store, raising("one"), SAMPLED)
    assert {event.traceparent for event in store.tables.events} == {SAMPLED}


async def test_refusal_is_an_answer_and_no_error(store: EventStore, recorded: Any) -> None:
    async def refuse(uow: UnitOfWork) -> Answer:
        raise Conflict("No.", code="closed")

    with pytest.raises(Conflict):
        await run(store, refuse, SAMPLED)
    (span,) = recorded()
    assert (span.attributes["placet.refusal"], span.status.status_code) == ("closed", StatusCode.UNSET)


async def test_command_that_could_not_be_carried_out_is_an_error(store: EventStore, recorded: Any) -> None:
    async def fail(uow: UnitOfWork) -> Answer:
        raise Unavailable("The database is away.")

    with pytest.raises(Unavailable):
        await run(store, fail, SAMPLED)
    (span,) = recorded()
    assert (span.attributes["error.type"], span.status.status_code) == ("Unavailable", StatusCode.ERROR)
