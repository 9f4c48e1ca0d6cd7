"""Writes asyncapi.yaml from the contracts, with an example of each event from the samples; `make docs` runs it."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from placet_shared.asyncapi import asyncapi_document
from placet_shared.bus.envelope import EVENT_TYPE_PREFIX, decode
from placet_shared.bus.kafka.messages import encode
from placet_shared.contracts.catalogue import CATALOGUE

PAGE = Path(__file__).with_name("asyncapi.yaml")
SAMPLES = Path(__file__).resolve().parents[1] / "tests/contracts/samples"
HEADING = "# Made by `make docs` from the contracts; every service serves its own part at /asyncapi.json.\n"


class Dumper(yaml.SafeDumper):
    """Says everything in full, and texts of several lines as they are."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_str(self, text: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Dumper.add_representer(str, Dumper.represent_str)


def examples() -> dict[tuple[str, str], dict[str, Any]]:
    """Each sample as the Kafka message that carries it."""
    return {(file.parent.name, EVENT_TYPE_PREFIX + file.stem): example(file) for file in sorted(SAMPLES.glob("*/*.json"))}


def example(file: Path) -> dict[str, Any]:
    """Headers and payload of the event in a file."""
    event = decode(file.read_bytes())
    return {"headers": {name: value.decode() for name, value in encode(event).headers}, "payload": json.loads(event.data)}


def page() -> str:
    """The whole document as YAML."""
    document = asyncapi_document(list(CATALOGUE), version("placet-shared"), examples())
    return HEADING + yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120)


if __name__ == "__main__":
    PAGE.write_text(page())
