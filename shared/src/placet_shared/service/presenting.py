"""Renders the frozen result of a use case as the answer that is kept and sent: its fields are the JSON object's members."""

from collections.abc import Callable, Collection
from dataclasses import fields
from typing import Any

from placet_shared.event_store import Answer

__all__ = ["OK", "answer", "answering"]


def answer(status: int, result: Any, location: str | None = None, *, without: Collection[str] = ()) -> Answer:
    """`result` is a dataclass; its `revision`, where it has one, is the ETag and no member. `location` names fields in braces."""
    members = {field.name: getattr(result, field.name) for field in fields(result)}
    etag: int | None = members.pop("revision", None)
    place = None if location is None else location.format_map(members)
    return Answer(status, {name: value for name, value in members.items() if name not in without}, etag, place)


def answering(status: int = 200, location: str | None = None) -> Callable[[Any], Answer]:
    """An `answer` of this form for `run_command(…, present=answering(201, "/v1/models/{id}"))`."""
    return lambda result: answer(status, result, location)


OK = answering()
