"""Prints the audit log: names for ids, and the details that the other columns do not show."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from placet.printing.people import Names
from placet_client.answers.audit import Entry, SaidWith
from placet_client.printing.page import Column
from placet_client.printing.times import ago
from placet_client.printing.words import plain, short, when

__all__ = ["entries_in_short", "entry_columns"]

SAID_LENGTH = 80
SAID_ELSEWHERE = {"environment", "number", "decided", "allowed", "on_behalf_of"}
DIGEST = re.compile(r"[0-9a-f]{64}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


def entry_columns(names: Names) -> tuple[Column[Entry], ...]:
    """A line for each act."""
    return (
        ("index", lambda entry: plain(entry.index)),
        ("recorded", lambda entry: ago(entry.recorded_at)),
        ("what", lambda entry: plain(entry.type)),
        ("result", lambda entry: plain(entry.result)),
        ("who", lambda entry: _who(entry, names)),
        ("model", _subject),
        ("environment", lambda entry: plain(entry.environment)),
        ("details", lambda entry: ", ".join([*_details(entry.details, names), *_said(entry.said)])),
    )


def entries_in_short(names: Names) -> tuple[Column[Entry], ...]:
    """The same in fewer columns."""
    return (
        ("index", lambda entry: plain(entry.index)),
        ("recorded", lambda entry: ago(entry.recorded_at)),
        ("what", lambda entry: _act(entry, names)),
        ("about", lambda entry: _about(entry, names)),
    )


def _act(entry: Entry, names: Names) -> str:
    result = "" if entry.result == "done" else f", {plain(entry.result)}"
    return f"{plain(entry.type)} by {_who(entry, names)}{result}"


def _who(entry: Entry, names: Names) -> str:
    place = f" for {plain(names.of(entry.on_behalf_of))}" if entry.on_behalf_of else ""
    return f"{plain(names.of(entry.actor))}{place}"


def _about(entry: Entry, names: Names) -> str:
    where = f" → {plain(entry.environment)}" if entry.environment else ""
    details = ", ".join([*_details(entry.details, names), *_said(entry.said)])
    return "; ".join(part for part in (f"{_subject(entry)}{where}".strip(), details) if part)


def _subject(entry: Entry) -> str:
    return f"{plain(entry.model_name or entry.model_id)} {plain(entry.version_number)}".strip()


def _details(details: Mapping[str, Any], names: Names) -> Iterator[str]:
    """Without empty values and without ids, except those of people."""
    for name, value in details.items():
        if name in SAID_ELSEWHERE or value is None or value == []:
            continue
        if name.endswith("_id"):
            if (known := names.of(value)) != value:
                yield f"{plain(name).removesuffix('_id')}={plain(known)}"
        elif isinstance(value, list):
            words = [plain(word) for word in value if isinstance(word, str)]
            if words:
                yield f"{plain(name)}={'+'.join(words)}"
        elif not isinstance(value, Mapping):
            said = names.of(value) if name.endswith("_by") else value
            yield f"{plain(name)}={_shortened(said)}"


def _said(said: SaidWith | None) -> Iterator[str]:
    """The beginning of a rationale or comment, on one line; `--json` has all of it."""
    if said is not None and said.erased:
        yield f"{plain(said.kind)} (erased)"
    elif said is not None and said.text is not None:
        text = " ".join(plain(said.text[:SAID_LENGTH]).split())
        yield f'{plain(said.kind)}: "{text}{"…" if len(said.text) > SAID_LENGTH else ""}"'


def _shortened(value: Any) -> str:
    if isinstance(value, str) and DIGEST.fullmatch(value):
        return short(value)
    return when(value) if isinstance(value, str) and TIME.fullmatch(value) else plain(value)
