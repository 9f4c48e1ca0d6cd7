"""The row of an act on a sign-off, and what all its statements begin with."""

from collections.abc import Mapping
from typing import Any

import orjson

from placet_shared.event_store import RecordedEvent, Statement

__all__ = ["act_of", "head_of", "json_of"]

ACT = """
    insert into sign_off_acts (sign_off_id, stream_version, act, actor_id, role, token_issuers, text_id, text_hmac, acted_at, on_behalf_of)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


def act_of(event: RecordedEvent, act: str, text: Mapping[str, str] | None) -> Statement:
    data = event.fields
    said = (text["id"], text["hmac"]) if text else (None, None)
    how = (event.actor, data.get("role"), data.get("token_issuers", []))
    return Statement(ACT, (data["sign_off_id"], event.version, act, *how, *said, event.recorded_at, data.get("on_behalf_of")))


def head_of(event: RecordedEvent) -> tuple[Any, ...]:
    return event.fields["sign_off_id"], event.version, event.recorded_at


def json_of(value: Any) -> str:
    return orjson.dumps(value).decode()
