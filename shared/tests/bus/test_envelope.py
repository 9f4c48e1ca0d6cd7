"""An event on its way: every envelope column survives, the data are the stored bytes."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from placet_shared.bus.envelope import attributes, decode, encode, events_sha256, from_parts
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
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=200)
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
    position=st.integers(2, 2**63 - 1),
    id=st.uuids().map(str),
    prev=st.uuids().map(str),
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
).map(lambda event: event if event.position % 5 else replace(event, position=1, prev=None))


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
    event = replace(EVENT, position=1, prev=None, version=None, on_behalf_of=None, causation=None, traceparent=None, occurred_at=None)
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


WIDEST = replace(
    EVENT,
    epoch=2**31 - 1,
    position=2**63 - 1,
    version=2**31 - 1,
    schema_version=2**15 - 1,
    type="T" * 100,
    stream="ä" * 300,
    subject="\U0001f600" * 300,
    actor="a" * 200,
    correlation="c" * 200,
    data=b'"' + b"d" * 65_534 + b'"',
)

BEYOND_THE_COLUMNS = {
    "epoch -5": {"epoch": -5},
    "epoch 0": {"epoch": 0},
    "epoch 2^31": {"epoch": 2**31},
    "position 0": {"position": 0},
    "position 2^63": {"position": 2**63},
    "version 0": {"version": 0},
    "version 2^31": {"version": 2**31},
    "schema 0": {"schema_version": 0},
    "schema 2^15": {"schema_version": 2**15},
    "a long type": {"type": "T" * 101},
    "no type": {"type": ""},
    "a long stream": {"stream": "s" * 301},
    "no stream": {"stream": ""},
    "a long subject": {"subject": "s" * 301},
    "a long actor": {"actor": "a" * 201},
    "a long correlation": {"correlation": "c" * 201},
    "a long causation": {"causation": "c" * 301},
    "a long traceparent": {"traceparent": "t" * 301},
    "a long person": {"on_behalf_of": "p" * 301},
    "a NUL": {"subject": "model\0"},
    "an id that is none": {"id": "1"},
    "an id in capitals": {"id": EVENT.id.upper()},
    "an id with a line's end": {"id": EVENT.id + "\n"},
    "a predecessor that is none": {"prev": "1"},
    "no predecessor": {"prev": None},
    "a first with a predecessor": {"position": 1},
    "too many bytes": {"data": b'"' + b"d" * 65_535 + b'"'},
}


def as_texts(event: RecordedEvent) -> dict[str, str]:
    return {name: str(value) for name, value in attributes(event).items()}


def test_what_the_columns_hold_at_most_is_an_event_on_every_way() -> None:
    assert decode(encode(WIDEST)) == WIDEST
    assert from_parts(as_texts(WIDEST), WIDEST.data) == WIDEST


@pytest.mark.parametrize("change", BEYOND_THE_COLUMNS.values(), ids=BEYOND_THE_COLUMNS)
def test_what_no_column_holds_is_malformed_on_every_way(change: dict[str, object]) -> None:
    event = replace(EVENT, **change)
    ways: list[Callable[[], object]] = [lambda: decode(encode(event)), lambda: from_parts(as_texts(event), event.data)]
    for read in ways:
        with pytest.raises(Malformed) as refused:
            read()
        assert refused.value.code == "malformed_event"


@pytest.mark.parametrize(
    "change",
    [
        {"position": " 17"},
        {"position": "1_7"},
        {"position": "+17"},
        {"position": "\u0661\u0667"},
        {"position": "9" * 5000},
        {"type": "placet.ModelRegistered.v\u0661"},
        {"time": "2026-11-23T14:00:00"},
        {"time": "0001-01-01T00:00:00+05:00"},
    ],
)
def test_number_or_time_in_another_form_is_malformed(change: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        from_parts({**as_texts(EVENT), **change}, EVENT.data)


def test_half_of_a_surrogate_pair_is_malformed() -> None:
    with pytest.raises(Malformed):
        decode(encode(EVENT).replace(b'"subject":"model-1"', b'"subject":"\\ud800"'))


def test_digest_is_over_canonical_attributes_and_the_data_in_order() -> None:
    """Written out as docs/kafka.md says it, so that others can compute it."""
    first = replace(EVENT, subject='\u00e4\b\t\x1f\x7f\u2028\U0001f600"\\', data=b'{"a":  1.50}')
    canonical = (
        '{"actor":"person-1","causation":"event-1","correlation":"request-1","datacontenttype":"application/json",'
        f'"datasha256":"{hashlib.sha256(first.data).hexdigest()}",'
        '"epoch":2,"id":"0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c12","occurredat":"2026-11-23T13:59:59.999999Z","onbehalfof":"person-2",'
        '"position":17,"prev":"0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c11","source":"registry","specversion":"1.0","stream":"model-1",'
        '"streamversion":3,"subject":"\u00e4\\b\\t\\u001f\x7f\u2028\U0001f600\\"\\\\","time":"2026-11-23T14:00:00.000000Z",'
        '"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","type":"placet.ModelRegistered.v1"}'
    ).encode()
    assert events_sha256([first]) == hashlib.sha256(canonical + first.data).hexdigest()
    assert events_sha256([first, EVENT]) != events_sha256([EVENT, first])
    assert events_sha256([]) == hashlib.sha256().hexdigest()


@given(EVENTS)
def test_digest_is_the_same_on_every_way(event: RecordedEvent) -> None:
    assert events_sha256([decode(encode(event))]) == events_sha256([from_parts(as_texts(event), event.data)]) == events_sha256([event])


@pytest.mark.parametrize("name", list(RecordedEvent.__struct_fields__))
def test_digest_covers_every_column(name: str) -> None:
    others = {str: "another", int: 4711, bytes: b"{}", datetime: EVENT.recorded_at + timedelta(microseconds=1)}
    changed = replace(EVENT, **{name: others[type(getattr(EVENT, name))]})
    assert events_sha256([changed]) != events_sha256([EVENT])
