"""Events of registry-service: the `data` that it publishes, by event type.

The subject of each is the model that it is about, except that of `EnvironmentDefined` (the environment's name), `BlobStored` (the
blob's digest) and `DataSetRegistered` (the data set's id). People appear as person ids; the actor is in the envelope.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from placet_shared.contracts import EventData, TextCommitment

__all__ = [
    "REGISTRY_EVENTS",
    "Artifact",
    "BlobStored",
    "Column",
    "DataColumn",
    "DataSet",
    "DataSetRegistered",
    "DeploymentEnded",
    "DeploymentReported",
    "EnvironmentDefined",
    "Lineage",
    "LineageAdded",
    "ModelDescribed",
    "ModelNameReserved",
    "ModelQualified",
    "ModelRegistered",
    "ModelTagged",
    "ModelUntagged",
    "Period",
    "Signature",
    "VersionNumbered",
    "VersionRegistered",
]

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class ModelRegistered(EventData):
    """A model exists from here on."""

    model_id: str
    name: str
    description: TextCommitment | None
    tags: dict[str, str]


class ModelNameReserved(EventData):
    """The name belongs to this model and to no other."""

    name: str
    model_id: str


class ModelDescribed(EventData):
    """The model's description is this text now, or none."""

    model_id: str
    description: TextCommitment | None


class ModelTagged(EventData):
    """A tag of the model has this value now."""

    model_id: str
    key: str
    value: str


class ModelQualified(EventData):
    """An admin judged the model, and says why. The four qualities are as they stand from here on, null where none was given: they are its
    tags `governance/value`, `governance/risk`, `governance/feasibility` and `governance/risk-tier`, and each change of one is a
    `ModelTagged` of the same append."""

    model_id: str
    value: str | None
    risk: str | None
    feasibility: str | None
    risk_tier: str | None
    reason: TextCommitment


class ModelUntagged(EventData):
    """A tag of the model is gone."""

    model_id: str
    key: str


class VersionNumbered(EventData):
    """The model's next number belongs to this version; its facts are in `VersionRegistered` of the same append."""

    model_id: str
    version_id: str
    number: Annotated[int, Field(ge=1)]


class Artifact(EventData):
    """The bytes of a version: kept by the registry when `uri` is null, else to be found there."""

    sha256: Sha256
    size: Annotated[int, Field(ge=0)]
    uri: str | None


class Column(EventData):
    """An input or output. In `shape`, null is any length and a word a named one; a scalar per row has an empty shape."""

    name: str
    type: str
    shape: list[int | str | None]


class Signature(EventData):
    """What the model takes and gives."""

    inputs: list[Column]
    outputs: list[Column]


class DataSet(EventData):
    """Data that was used, by digest."""

    sha256: Sha256
    role: Literal["train", "validation", "test", "reference"]


class Lineage(EventData):
    """Where the version comes from, as claimed by its registrar. `trained_by` and `prepared_by` hold person ids."""

    training_run: str | None
    experiment: str | None
    commit: str | None
    data: list[DataSet]
    parameters: dict[str, str | int | float | bool | None]
    metrics: dict[str, float]
    trained_by: list[str]
    prepared_by: list[str]


class VersionRegistered(EventData):
    """An immutable version of a model exists from here on; the actor is its registrar."""

    version_id: str
    model_id: str
    number: Annotated[int, Field(ge=1)]
    artifact: Artifact
    format: str
    signature: Signature | None
    lineage: Lineage


class LineageAdded(EventData):
    """The actor claims that these people had a part in the version's bytes too, or that they were made with these data. A claim only ever
    adds."""

    SCHEMA_VERSION: ClassVar[int] = 2

    version_id: str
    model_id: str
    artifact_sha256: Sha256
    trained_by: list[str]
    prepared_by: list[str]
    data: list[DataSet]


class BlobStored(EventData):
    """The registry keeps these bytes."""

    sha256: Sha256
    size: Annotated[int, Field(ge=0)]


class DataColumn(EventData):
    """A column of a data set."""

    name: str
    type: str


class Period(EventData):
    """The first and the last day that data are about (ISO 8601)."""

    model_config = ConfigDict(serialize_by_alias=True)

    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day, Field(alias="to")]


class DataSetRegistered(EventData):
    """The registry keeps these bytes as the next version of a data set; `dataset_id` stays the same for all versions of a name.

    `columns`, `rows` and `period` are null where they are not known. `owner` is a person's id.
    """

    dataset_id: str
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,62}$")]
    number: Annotated[int, Field(ge=1)]
    sha256: Sha256
    size: Annotated[int, Field(ge=0)]
    format: Literal["csv", "parquet"]
    columns: list[DataColumn] | None
    rows: Annotated[int, Field(ge=0)] | None
    period: Period | None
    role: Literal["train", "validation", "test", "reference"]
    owner: str


class EnvironmentDefined(EventData):
    """An environment comes right after another one (null: before all); these events in order give the environments' order."""

    name: str
    after: str | None


class DeploymentReported(EventData):
    """These bytes of this version run in this environment. The model's current deployment there, if any, is replaced by it."""

    deployment_id: str
    environment: str
    model_id: str
    version_id: str
    sha256: Sha256
    permit_id: str | None


class DeploymentEnded(EventData):
    """This deployment runs no more."""

    deployment_id: str
    environment: str
    model_id: str
    reason: TextCommitment | None


REGISTRY_EVENTS: dict[str, type[EventData]] = {
    model.__name__: model
    for model in (
        ModelRegistered,
        ModelNameReserved,
        ModelDescribed,
        ModelTagged,
        ModelQualified,
        ModelUntagged,
        VersionNumbered,
        VersionRegistered,
        LineageAdded,
        BlobStored,
        DataSetRegistered,
        EnvironmentDefined,
        DeploymentReported,
        DeploymentEnded,
    )
}
