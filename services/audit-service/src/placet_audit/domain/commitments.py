"""The free texts to which an entry commits, by the fields that hold the commitments."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["SAID", "Commitment", "commitments_in"]

SAID = ("rationale", "comment")
"""The fields whose texts the timeline shows."""

TEXT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HMAC = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Commitment:
    """HMAC-SHA256, in hex, of the text with this id, under the text's own salt."""

    text_id: str
    hmac: str


def commitments_in(fields: Mapping[str, Any]) -> Mapping[str, Commitment]:
    """By field; never raises, and passes over what is no commitment."""
    return {name: said for name, value in fields.items() if (said := _commitment(value))}


def _commitment(value: object) -> Commitment | None:
    if not isinstance(value, dict) or value.keys() != {"id", "hmac"}:
        return None
    text_id, hmac = value["id"], value["hmac"]
    if not (isinstance(text_id, str) and isinstance(hmac, str) and TEXT_ID.fullmatch(text_id) and HMAC.fullmatch(hmac)):
        return None
    return Commitment(text_id, hmac)
