"""The views folded in memory: what the statements of the other modules here do to tables, done to dictionaries.

A test holds the one to the other, row by row. Rows are in the order of their table's columns.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

import asyncpg
import msgspec
import orjson

from placet_audit.domain.meaning import meaning_of
from placet_audit.projections.entry import fields_of

__all__ = ["COMPLETE", "FOLDED_TYPES", "Fold", "line_of"]

Row = list[Any]

# A refusal belongs to the model that it is about, whichever of the two the log had first.
COMPLETE = "update timeline_rows t set model_id = t.subject from known_models m where t.model_id is null and m.model_id = t.subject"

NUL = rb"\u0000"  # as JSON writes the one character that PostgreSQL's texts can't hold
ColumnInteger = Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)]


class _Model(msgspec.Struct):
    model_id: str
    name: str


class _Artifact(msgspec.Struct):
    sha256: str


class _Version(msgspec.Struct):
    version_id: str
    model_id: str
    number: ColumnInteger
    artifact: _Artifact


class _Deployed(msgspec.Struct):
    deployment_id: str
    environment: str
    model_id: str
    version_id: str
    sha256: str


class _DeploymentEnded(msgspec.Struct):
    deployment_id: str


class _Granted(msgspec.Struct):
    sign_off_id: str
    person_id: str
    role: str


class _TakenBack(msgspec.Struct):
    sign_off_id: str
    person_id: str


class _Approved(msgspec.Struct):
    sign_off_id: str
    model_id: str
    version_id: str
    environment: str
    artifact_sha256: str
    expires_at: str


class _Ended(msgspec.Struct):
    sign_off_id: str


# What of an event's own fields is folded; all else in them is not even looked at.
FIELDS: Mapping[str, type[msgspec.Struct]] = {
    "ModelRegistered": _Model,
    "VersionRegistered": _Version,
    "DeploymentReported": _Deployed,
    "DeploymentEnded": _DeploymentEnded,
    "ApprovalGranted": _Granted,
    "ApprovalRevoked": _TakenBack,
    "SignOffApproved": _Approved,
    "SignOffRevoked": _Ended,
    "SignOffInvalidated": _Ended,
}
FOLDED_TYPES = tuple(FIELDS)


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
        folds: Mapping[type[msgspec.Struct], Callable[[asyncpg.Record, Any], None]] = {
            _Model: self._model,
            _Version: self._version,
            _Deployed: self._deployed,
            _DeploymentEnded: self._deployment_ended,
            _Granted: self._granted,
            _TakenBack: self._taken_back,
            _Approved: self._approved,
            _Ended: self._ended,
        }
        self._folds = {type_: (msgspec.json.Decoder(fields).decode, folds[fields]) for type_, fields in FIELDS.items()}

    def add(self, entries: Iterable[asyncpg.Record]) -> None:
        """Entries of `FOLDED_TYPES`: index, type, actor, recorded_at and data. Raises for one that does not say what it has to."""
        for entry in entries:
            decode, fold = self._folds[entry["type"]]
            data = entry["data"]
            if NUL in data:
                raise ValueError(f"entry {entry['index']} may hold what no column does")
            fold(entry, decode(data))

    def rows(self) -> Mapping[str, Iterable[Row]]:
        """Table → its rows."""
        return {
            "known_models": self._models.values(),
            "known_versions": self._versions.values(),
            "deployment_spans": self._deployments.values(),
            "sign_off_spans": self._sign_offs.values(),
            "approval_spans": self._approvals.values(),
        }

    def _model(self, entry: asyncpg.Record, says: _Model) -> None:
        self._models.setdefault(says.model_id, [says.model_id, says.name, entry["index"]])

    def _version(self, entry: asyncpg.Record, says: _Version) -> None:
        row = [says.version_id, says.model_id, says.number, says.artifact.sha256, entry["index"]]
        self._versions.setdefault(says.version_id, row)

    def _deployed(self, entry: asyncpg.Record, says: _Deployed) -> None:
        deployment, environment, model, index = says.deployment_id, says.environment, says.model_id, entry["index"]
        running = self._running.setdefault((environment, model), {})
        for row in running.values():
            row[8] = index
        running.clear()
        if deployment not in self._deployments:
            row = [deployment, environment, model, says.version_id, says.sha256, entry["actor"], entry["recorded_at"], index, None]
            self._deployments[deployment] = running[deployment] = row

    def _deployment_ended(self, entry: asyncpg.Record, says: _DeploymentEnded) -> None:
        row = self._deployments.get(says.deployment_id)
        if row is not None and row[8] is None:
            row[8] = entry["index"]
            del self._running[row[1], row[2]][says.deployment_id]

    def _granted(self, entry: asyncpg.Record, says: _Granted) -> None:
        row = [says.sign_off_id, says.person_id, says.role, entry["recorded_at"], entry["index"], None]
        self._approvals[says.sign_off_id, says.person_id, entry["index"]] = row
        self._signed.setdefault((says.sign_off_id, says.person_id), []).append(row)

    def _taken_back(self, entry: asyncpg.Record, says: _TakenBack) -> None:
        for row in self._signed.pop((says.sign_off_id, says.person_id), ()):
            row[5] = entry["index"]

    def _approved(self, entry: asyncpg.Record, says: _Approved) -> None:
        what = [says.sign_off_id, says.model_id, says.version_id, says.environment, says.artifact_sha256]
        self._sign_offs.setdefault(says.sign_off_id, [*what, datetime.fromisoformat(says.expires_at), entry["index"], None, None])

    def _ended(self, entry: asyncpg.Record, says: _Ended) -> None:
        row = self._sign_offs.get(says.sign_off_id)
        if row is not None and row[7] is None:
            row[7], row[8] = entry["index"], entry["type"]


def line_of(entry: asyncpg.Record) -> Row:
    """The timeline's line of an entry with all its columns; its model may have to be completed at the end."""
    meaning = meaning_of(entry["type"], fields_of(entry["data"]))
    return [
        entry["index"], entry["logged_at"], entry["recorded_at"], entry["source"], entry["position"], entry["event_id"], entry["type"],
        meaning.result, entry["subject"], meaning.model_id, meaning.version_id, meaning.environment, entry["actor"],
        entry["on_behalf_of"], entry["correlation"], orjson.dumps(meaning.details).decode(),
    ]  # fmt: skip
