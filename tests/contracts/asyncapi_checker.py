"""Holds what was sent against an AsyncAPI document: messages of Kafka, pages of a feed, and the document's own examples."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from jsonschema import Draft7Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT7

__all__ = ["Checker"]

Headers = Iterable[tuple[str, bytes]]

HERE = "urn:document"
FORMATS = FormatChecker(())


@FORMATS.checks("date-time", raises=ValueError)
def is_a_time_with_zone(value: object) -> bool:
    """RFC 3339."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


class Checker:
    """Complaints, each with the place where something is not as the document says."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._registry = Registry().with_resource(HERE, DRAFT7.create_resource(document))

    def message(self, channel: str, headers: Headers, value: bytes) -> list[str]:
        """Of one record of a Kafka topic; `channel` is the topic's name."""
        texts = {name: text.decode() for name, text in headers}
        message = self._messages(channel).get(texts.get("ce_type", ""))
        if message is None:
            return [f"no message of {channel} has the type {texts.get('ce_type')}"]
        unknown = [f"{name} is not documented" for name in texts if name.startswith("ce_") and name not in self._documented_headers()]
        return [*unknown, *self._complaints(message["headers"], texts), *self._complaints(message["payload"], json.loads(value))]

    def page(self, source: str, page: bytes) -> list[str]:
        """Of one page of a source's feed."""
        return list(self._complaints({"$ref": f"#/components/messages/{source}.FeedPage/payload"}, json.loads(page)))

    def examples(self) -> list[str]:
        """Of the examples in the document; a message of a topic without one is a complaint."""
        return [
            f"{name}: {complaint}"
            for name, message in self._document["components"]["messages"].items()
            if "headers" in message
            for complaint in self._of_examples(message)
        ]

    def _of_examples(self, message: Mapping[str, Any]) -> Iterator[str]:
        if not message.get("examples"):
            yield "has no example"
        for example in message.get("examples", []):
            yield from self._complaints(message["headers"], example["headers"])
            yield from self._complaints(message["payload"], example["payload"])

    def _messages(self, channel: str) -> dict[str, Mapping[str, Any]]:
        components = self._document["components"]["messages"]
        (found,) = [one for one in self._document["channels"].values() if one["address"] == channel]
        messages = [components[one["$ref"].rpartition("/")[2]] for one in found["messages"].values()]
        return {message["name"]: message for message in messages}

    def _documented_headers(self) -> Mapping[str, Any]:
        properties: Mapping[str, Any] = self._document["components"]["schemas"]["Headers"]["properties"]
        return properties

    def _complaints(self, schema: Any, value: Any) -> Iterator[str]:
        validator = Draft7Validator(_from_here(schema), registry=self._registry, format_checker=FORMATS)
        for error in validator.iter_errors(value):
            yield f"{error.json_path}: {error.message}"


def _from_here(schema: Any) -> Any:
    """The schema with its references made absolute, so that they lead into the document."""
    if isinstance(schema, list):
        return [_from_here(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    return {"$ref": HERE + reference} if isinstance(reference, str) else {word: _from_here(part) for word, part in schema.items()}
