"""Names of models and numbers of versions, which views show beside ids."""

from typing import Annotated

import msgspec

from placet_audit.projections.entry import Entry
from placet_audit.projections.rows import Rows, Table
from placet_audit.projections.views import Step, TableView, Text

__all__ = ["MODELS", "VERSIONS", "Model", "Version"]

ColumnInteger = Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)]


class Model(msgspec.Struct, frozen=True):
    """A row of `known_models`."""

    model_id: str
    name: str
    index: int


class Version(msgspec.Struct, frozen=True):
    """A row of `known_versions`."""

    version_id: str
    model_id: str
    number: int
    artifact_sha256: str
    index: int


class ModelRegistered(msgspec.Struct, frozen=True):
    """The fields that are read from the event."""

    model_id: Text
    name: Text


class Artifact(msgspec.Struct, frozen=True):
    """Of a version."""

    sha256: Text


class VersionRegistered(msgspec.Struct, frozen=True):
    """The fields that are read from the event."""

    version_id: Text
    model_id: Text
    number: ColumnInteger
    artifact: Artifact


def name_model(models: Rows[Model], entry: Entry, event: ModelRegistered) -> None:
    """The first name is the model's."""
    if event.model_id not in models:
        models.put(Model(event.model_id, event.name, entry.index))


def number_version(versions: Rows[Version], entry: Entry, event: VersionRegistered) -> None:
    """The first number and digest are the version's."""
    if event.version_id not in versions:
        versions.put(Version(event.version_id, event.model_id, event.number, event.artifact.sha256, entry.index))


MODELS = TableView(Table("known_models", Model, key=["model_id"]), {"ModelRegistered": Step(ModelRegistered, name_model)})
VERSIONS = TableView(Table("known_versions", Version, key=["version_id"]), {"VersionRegistered": Step(VersionRegistered, number_version)})
