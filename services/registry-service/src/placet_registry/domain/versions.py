"""A version: one immutable set of facts about one artifact, known by id, by number and by the artifact's digest."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self, get_args

from placet_registry.domain.lineage import DataSet, Lineage, Signature
from placet_registry.domain.words import reference_uri, sha256_digest
from placet_shared.aggregates import Aggregate, Created, Event
from placet_shared.errors import FieldError, Invalid, Malformed

__all__ = ["Artifact", "Format", "Version"]

Format = Literal["onnx", "sklearn-pickle", "skops", "mlflow-folder", "pytorch", "tensorflow", "xgboost", "lightgbm", "safetensors", "other"]

FACTS_LIMIT = 60_000
"""Bytes of JSON; an event's data may be 65,536 bytes."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """The bytes a version stands for: a blob that this registry keeps, or a reference to where they lie."""

    sha256: str
    size: int
    uri: str | None = None

    def plain(self) -> dict[str, Any]:
        """The contract's form; raises `Malformed`."""
        return {
            "sha256": sha256_digest("artifact.sha256", self.sha256),
            "size": self.size,
            "uri": None if self.uri is None else reference_uri("artifact.uri", self.uri),
        }


class Version(Aggregate):
    """One immutable version of a model. Nothing changes its facts; who had a part in it, and which data, can be added."""

    TOPIC = "Version"
    CATEGORY = "version"

    version_id: str
    model_id: str
    number: int
    artifact: dict[str, Any]
    lineage: dict[str, Any]

    class VersionRegistered(Created):
        """A version with these facts exists from here on."""

        TOPIC = "VersionRegistered"

        version_id: str
        model_id: str
        number: int
        artifact: dict[str, Any]
        format: str
        signature: dict[str, Any] | None
        lineage: dict[str, Any]

    class LineageAdded(Event):
        """These people had a part in it too, or these data."""

        TOPIC = "LineageAdded"
        SCHEMA_VERSION = 2

        version_id: str
        model_id: str
        artifact_sha256: str
        trained_by: list[str]
        prepared_by: list[str]
        data: list[dict[str, str]]

        def apply(self, aggregate: "Version") -> None:
            added: dict[str, list[Any]] = {"trained_by": self.trained_by, "prepared_by": self.prepared_by, "data": self.data}
            aggregate.lineage = {**aggregate.lineage, **{part: [*aggregate.lineage[part], *more] for part, more in added.items()}}

    @classmethod
    def register(
        cls,
        version_id: str,
        model_id: str,
        number: int,
        *,
        artifact: Artifact,
        format: Format,
        signature: Signature | None,
        lineage: Lineage,
        at: datetime,
    ) -> Self:
        """Fix a version's facts for ever; `number` comes from `Model.number` in the same append."""
        if format not in get_args(Format):
            allowed = " | ".join(get_args(Format))
            raise Malformed(f"format: {format!r} is not known.", resolve=f"Send {allowed}.", errors=[FieldError("format", format, allowed)])
        facts: dict[str, Any] = {
            "artifact": artifact.plain(),
            "format": format,
            "signature": signature.plain() if signature else None,
            "lineage": lineage.plain(),
        }
        _refuse_too_large(facts)
        return cls.create(cls.VersionRegistered, key=version_id, at=at, version_id=version_id, model_id=model_id, number=number, **facts)

    def add_lineage(self, trained_by: Sequence[str], prepared_by: Sequence[str], data: Sequence[DataSet], at: datetime) -> bool:
        """Add people who trained it or prepared its data, by id, and data that it was made with; False, and nothing happens, when all of
        them are known. Data that are known in one role can be added in another one."""
        named: dict[str, Sequence[Any]] = {
            "trained_by": trained_by,
            "prepared_by": prepared_by,
            "data": [one.plain(f"data.{place}") for place, one in enumerate(data)],
        }
        new = {part: _unknown(given, self.lineage[part]) for part, given in named.items()}
        if not any(new.values()):
            return False
        self.trigger(self.LineageAdded, at=at, version_id=self.version_id, model_id=self.model_id, artifact_sha256=self.sha256, **new)
        return True

    @property
    def sha256(self) -> str:
        """The digest of the version's artifact."""
        return str(self.artifact["sha256"])


def _unknown(given: Sequence[Any], known: Sequence[Any]) -> list[Any]:
    """Each once, in their order."""
    return [one for place, one in enumerate(given) if one not in known and one not in given[:place]]


def _refuse_too_large(facts: dict[str, Any]) -> None:
    size = len(json.dumps(facts, ensure_ascii=False).encode())
    if size > FACTS_LIMIT:
        raise Invalid(
            f"Signature and lineage together are {size} bytes of JSON; a version's facts may have {FACTS_LIMIT}.",
            code="version_facts_too_large",
            resolve="Upload what is large (a long signature, a training report) as a blob and name it in lineage.data by its digest.",
        )
