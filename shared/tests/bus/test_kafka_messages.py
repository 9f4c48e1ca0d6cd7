"""An event as a Kafka message: the CloudEvents Kafka protocol binding in binary mode, around exactly the stored bytes."""

import orjson
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given, settings
from msgspec.structs import replace

from placet_shared.bus.envelope import attributes
from placet_shared.bus.kafka.messages import decode, encode
from placet_shared.errors import Malformed
from placet_shared.event_store import RecordedEvent

from .test_envelope import EVENT, EVENTS


@settings(max_examples=40, deadline=None)
@given(EVENTS)
def test_every_column_survives(event: RecordedEvent) -> None:
    message = encode(event)
    assert decode(message.headers, message.value) == event


def test_value_is_exactly_the_stored_bytes_and_the_key_is_the_subject() -> None:
    event = replace(EVENT, data=b'{"weight":1.50,  "weight":1.5e0,"a":"\\u00e4"}')
    message = encode(event)
    assert (message.key, message.value) == (b"model-1", event.data)


def test_headers_are_those_of_the_binding() -> None:
    headers = dict(encode(EVENT).headers)
    assert headers.pop("content-type") == b"application/json"
    expected = {f"ce_{name}": str(value).encode() for name, value in attributes(EVENT).items() if name != "datacontenttype"}
    assert headers == expected
    assert headers["ce_position"] == b"17"


def test_another_implementation_reads_it() -> None:
    message = encode(EVENT)
    event = from_binary(KafkaMessage(dict(message.headers), message.key, message.value), JSONFormat())
    assert event.get_attributes().keys() >= {"specversion", "id", "source", "type", "subject", "time", "datacontenttype"}
    assert (event.get_id(), event.get_type(), event.get_subject()) == (EVENT.id, "placet.ModelRegistered.v1", "model-1")
    assert event.get_data() == orjson.loads(EVENT.data)


def test_bytes_that_were_changed_on_the_way_are_refused() -> None:
    message = encode(EVENT)
    with pytest.raises(Malformed) as refused:
        decode(message.headers, message.value + b" ")
    assert refused.value.code == "digest_mismatch"


@pytest.mark.parametrize(
    "change",
    [{"ce_type": b"ModelRegistered"}, {"ce_epoch": b"two"}, {"ce_position": None}, {"ce_time": b"yesterday"}, {"ce_subject": b"\xff"}],
)
def test_what_is_no_event_is_malformed(change: dict[str, bytes | None]) -> None:
    headers = {**dict(encode(EVENT).headers), **change}
    with pytest.raises(Malformed):
        decode(list(headers.items()), EVENT.data)


def test_message_of_another_producer_is_malformed() -> None:
    with pytest.raises(Malformed):
        decode([], None)


@pytest.mark.parametrize(
    "headers",
    [
        [("ce_mood", b"good")] * 65,
        [*encode(EVENT).headers, ("m" * 101, b"good")],
        [*encode(EVENT).headers, ("ce_mood", b"g" * 2_001)],
    ],
)
def test_more_or_longer_headers_than_an_event_has_are_malformed(headers: list[tuple[str, bytes | None]]) -> None:
    with pytest.raises(Malformed):
        decode(headers, EVENT.data)
