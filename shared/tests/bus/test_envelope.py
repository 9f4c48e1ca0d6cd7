"""An event on its way: every envelope column survives, the data are the stored bytes."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from placet_shared.bus.envelope import decode, encode
from placet_shared.errors import Malformed
from placet_shared.event_store import RecordedEvent

EVENT = RecordedEvent(
    source="registry",
    epoch=2,
    position=17,
    id="0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c12",
    prev="0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c11",
    stream="model-1",
    version=3,
    type="ModelRegistered",
    schema_version=1,
    subject="model-1",
    actor="person-1",
    on_behalf_of="person-2",
    correlation="request-1",
    causation="event-1",
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    occurred_at=datetime(2026, 11, 23, 13, 59, 59, 999999, tzinfo=UTC),
    recorded_at=datetime(2026, 11, 23, 14, tzinfo=UTC),
    data=b'{"name":"churn","weight":1.50,"tags":["\xc3\xa4"]}',
)

# What PostgreSQL's text holds: everything but NUL and halves of surrogate pairs.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])
TIMES = st.datetimes(timezones=ZONES).filter(lambda at: 1 < at.year < 9999)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)
EVENTS = st.builds(
    RecordedEvent,
    source=TEXTS,
    epoch=st.integers(1, 2**31 - 1),
    position=st.integers(1, 2**63 - 1),
    id=st.uuids().map(str),
    prev=st.none() | st.uuids().map(str),
    stream=TEXTS,
    version=st.none() | st.integers(1, 2**31 - 1),
    type=st.from_regex(r"[A-Z][A-Za-z]{1,99}", fullmatch=True),
    schema_version=st.integers(1, 2**15 - 1),
    subject=TEXTS,
    actor=TEXTS,
    on_behalf_of=st.none() | TEXTS,
    correlation=TEXTS,
    causation=st.none() | TEXTS,
    traceparent=st.none() | TEXTS,
    occurred_at=st.none() | TIMES,
    recorded_at=TIMES,
    data=st.dictionaries(TEXTS, JSON).map(orjson.dumps),
)


@given(EVENTS)
def test_every_column_survives(event: RecordedEvent) -> None:
    assert decode(encode(event)) == event


def test_data_are_the_stored_bytes_even_where_a_serializer_would_write_others() -> None:
    event = replace(EVENT, data=b'{"weight":1.50,  "weight":1.5e0,"a":"\\u00e4"}')
    assert encode(event).endswith(b',"data":' + event.data + b"}")
    assert decode(encode(event)).data == event.data


def test_is_a_cloud_event() -> None:
    """CloudEvents 1.0.2: required attributes, names of extensions in lower-case letters and digits, RFC 3339 times."""
    event = orjson.loads(encode(EVENT))
    assert event["specversion"] == "1.0"
    assert event["type"] == "placet.ModelRegistered.v1"
    assert (event["id"], event["source"], event["subject"]) == (EVENT.id, "registry", "model-1")
    assert event["time"] == "2026-11-23T14:00:00.000000Z"
    assert event["occurredat"] == "2026-11-23T13:59:59.999999Z"
    assert event["datacontenttype"] == "application/json"
    assert event["datasha256"] == hashlib.sha256(EVENT.data).hexdigest()
    assert all(name.isascii() and name.isalnum() and name == name.lower() for name in event)


def test_members_without_a_value_are_left_out() -> None:
    event = replace(EVENT, prev=None, version=None, on_behalf_of=None, causation=None, traceparent=None, occurred_at=None)
    members = orjson.loads(encode(event))
    assert members.keys().isdisjoint({"prev", "streamversion", "onbehalfof", "causation", "traceparent", "occurredat"})
    assert decode(encode(event)) == event


@pytest.mark.parametrize("changed", [b'{"name":"churm"', b'{"name": "churn"'])
def test_data_that_were_changed_on_the_way_are_refused(changed: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        decode(encode(EVENT).replace(b'{"name":"churn"', changed))
    assert refused.value.code == "digest_mismatch"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b'"type":"placet.ModelRegistered.v1"', b'"type":"ModelRegistered"'),
        (b'"type":"placet.ModelRegistered.v1"', b'"type":"placet.ModelRegistered.vx"'),
        (b'"epoch":2', b'"epoch":"two"'),
        (b'"position":17,', b""),
        (b'"time":"2026-11-23T14:00:00.000000Z"', b'"time":"yesterday"'),
        (b'"occurredat":"2026-11-23T13:59:59.999999Z"', b'"occurredat":"soon"'),
        (b"{", b""),
    ],
)
def test_what_is_no_event_is_malformed(right: bytes, wrong: bytes) -> None:
    raw = encode(EVENT)
    assert right in raw
    with pytest.raises(Malformed) as refused:
        decode(raw.replace(right, wrong, 1))
    assert refused.value.code == "malformed_event"
