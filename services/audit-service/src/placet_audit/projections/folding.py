"""The views folded in memory: what the statements of the other modules here do to tables, done to dictionaries.

A test holds the one to the other, row by row. Rows are in the order of their table's columns.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from placet_audit.domain.meaning import meaning_of
from placet_audit.projections.entry import Entry

__all__ = ["COMPLETE", "Fold", "line_of"]

Row = list[Any]

# A refusal belongs to the model that it is about, whichever of the two the log had first.
COMPLETE = "update timeline_rows t set model_id = t.subject from known_models m where t.model_id is null and m.model_id = t.subject"


class Fold:
    """Takes entries in order, gives the rows of all views but the timeline at the end."""

    def __init__(self) -> None:
        self._models: dict[str, Row] = {}
        self._versions: dict[str, Row] = {}
        self._deployments: dict[str, Row] = {}
        self._running: dict[tuple[str, str], dict[str, Row]] = {}
        self._sign_offs: dict[str, Row] = {}
        self._approvals: dict[tuple[str, str, int], Row] = {}
        self._signed: dict[tuple[str, str], list[Row]] = {}
        self._fold: Mapping[str, Callable[[Entry, dict[str, Any]], None]] = {
            "ModelRegistered": self._model,
            "VersionRegistered": self._version,
            "DeploymentReported": self._deployed,
            "DeploymentEnded": self._deployment_ended,
            "ApprovalGranted": self._granted,
            "ApprovalRevoked": self._taken_back,
            "SignOffApproved": self._approved,
            "SignOffRevoked": self._ended,
            "SignOffInvalidated": self._ended,
        }

    def add(self, entries: Sequence[Entry]) -> None:
        """Raises for an entry that does not say what it has to."""
        for entry in entries:
            fold = self._fold.get(entry.type)
            if fold is not None:
                fold(entry, entry.fields)

    def rows(self) -> Mapping[str, list[Row]]:
        """Table → its rows."""
        return {
            "known_models": list(self._models.values()),
            "known_versions": list(self._versions.values()),
            "deployment_spans": list(self._deployments.values()),
            "sign_off_spans": list(self._sign_offs.values()),
            "approval_spans": list(self._approvals.values()),
        }

    def _model(self, entry: Entry, fields: dict[str, Any]) -> None:
        model, name = _texts(fields, "model_id", "name")
        self._models.setdefault(model, [model, name, entry.index])

    def _version(self, entry: Entry, fields: dict[str, Any]) -> None:
        version, model = _texts(fields, "version_id", "model_id")
        self._versions.setdefault(version, [version, model, _integer(fields["number"]), *_texts(fields["artifact"], "sha256"), entry.index])

    def _deployed(self, entry: Entry, fields: dict[str, Any]) -> None:
        what = deployment, environment, model, *_ = _texts(fields, "deployment_id", "environment", "model_id", "version_id", "sha256")
        running = self._running.setdefault((environment, model), {})
        for row in running.values():
            row[8] = entry.index
        running.clear()
        if deployment not in self._deployments:
            self._deployments[deployment] = running[deployment] = [*what, entry.actor, entry.recorded_at, entry.index, None]

    def _deployment_ended(self, entry: Entry, fields: dict[str, Any]) -> None:
        (deployment,) = _texts(fields, "deployment_id")
        row = self._deployments.get(deployment)
        if row is not None and row[8] is None:
            row[8] = entry.index
            del self._running[row[1], row[2]][deployment]

    def _granted(self, entry: Entry, fields: dict[str, Any]) -> None:
        sign_off, person, role = _texts(fields, "sign_off_id", "person_id", "role")
        row = [sign_off, person, role, entry.recorded_at, entry.index, None]
        self._approvals[sign_off, person, entry.index] = row
        self._signed.setdefault((sign_off, person), []).append(row)

    def _taken_back(self, entry: Entry, fields: dict[str, Any]) -> None:
        sign_off, person = _texts(fields, "sign_off_id", "person_id")
        for row in self._signed.pop((sign_off, person), ()):
            row[5] = entry.index

    def _approved(self, entry: Entry, fields: dict[str, Any]) -> None:
        what = _texts(fields, "sign_off_id", "model_id", "version_id", "environment", "artifact_sha256")
        self._sign_offs.setdefault(what[0], [*what, datetime.fromisoformat(fields["expires_at"]), entry.index, None, None])

    def _ended(self, entry: Entry, fields: dict[str, Any]) -> None:
        (sign_off,) = _texts(fields, "sign_off_id")
        row = self._sign_offs.get(sign_off)
        if row is not None and row[7] is None:
            row[7], row[8] = entry.index, entry.type


def _texts(fields: dict[str, Any], *names: str) -> list[str]:
    """Raises for what a column of text does not take: COPY would notice too late."""
    values = [fields[name] for name in names]
    for value in values:
        if not isinstance(value, str) or "\0" in value:
            raise ValueError(f"{names} are no texts: {value!r}")
    return values


def _integer(value: Any) -> int:
    """The same for a column of integers."""
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**31) <= value < 2**31:
        raise ValueError(f"{value!r} is no integer of a column")
    return value


def line_of(entry: Entry) -> Row:
    """The timeline's line; its model may have to be completed at the end."""
    meaning = meaning_of(entry.type, entry.fields)
    return [
        entry.index, entry.logged_at, entry.recorded_at, entry.source, entry.position, entry.event_id, entry.type, meaning.result,
        entry.subject, meaning.model_id, meaning.version_id, meaning.environment, entry.actor, entry.on_behalf_of, entry.correlation,
        orjson.dumps(meaning.details).decode(),
    ]  # fmt: skip
