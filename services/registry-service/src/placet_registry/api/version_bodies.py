"""The body of a request to register a version, and its parts."""

from typing import Annotated, Self

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from placet_registry.api.body_parts import DIGEST, Body, Digest, IdOrName, Word
from placet_registry.commands.add_lineage import AddLineage
from placet_registry.commands.register_version import RegisterVersion, UploadedArtifact
from placet_registry.domain.lineage import Column, DataRole, DataSet, Lineage, Signature
from placet_registry.domain.versions import Artifact, Format
from placet_registry.domain.words import IDENTIFIER_LENGTH, URI_LENGTH

__all__ = ["AddedLineageBody", "VersionBody"]

StrictWord = Annotated[StrictStr, Field(max_length=IDENTIFIER_LENGTH)]


class ArtifactBody(Body):
    """An uploaded blob by its digest alone; or `uri` and `size` for bytes that are kept elsewhere."""

    sha256: Digest = Field(description="SHA-256 of the bytes, hexadecimal.", examples=[DIGEST])
    uri: str | None = Field(
        None, max_length=URI_LENGTH, description="Where the bytes are; without user name and password.", examples=[None]
    )
    size: int | None = Field(None, ge=0, lt=2**63, description="In bytes; only together with `uri`.", examples=[None])

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.uri is None) != (self.size is None):
            raise ValueError("uri and size together for bytes that are kept elsewhere, neither for an uploaded blob")
        return self

    def value(self) -> UploadedArtifact | Artifact:
        """The domain's form."""
        if self.uri is None or self.size is None:
            return UploadedArtifact(self.sha256)
        return Artifact(self.sha256, self.size, self.uri)


class ColumnBody(Body):
    """One input or output."""

    name: Word = Field(examples=["mean radius"])
    type: Word = Field(examples=["tensor(float)"])
    shape: list[Annotated[StrictInt, Field(ge=0, lt=2**63)] | StrictWord | None] = Field(
        default_factory=list,
        max_length=32,
        description="Null is any length, a word a named one; empty for one value a row.",
        examples=[[None, 30]],
    )

    def value(self) -> Column:
        """The domain's form."""
        return Column(self.name, self.type, tuple(self.shape))


class SignatureBody(Body):
    """The model's inputs and outputs."""

    inputs: list[ColumnBody] = Field(description="In the order of the model's.", default_factory=list, max_length=5000)
    outputs: list[ColumnBody] = Field(description="In the order of the model's.", default_factory=list, max_length=5000)

    def value(self) -> Signature:
        """The domain's form."""
        return Signature([column.value() for column in self.inputs], [column.value() for column in self.outputs])


class UsedDataBody(Body):
    """Data that was used, by digest."""

    sha256: Digest = Field(description="Digest of the data's bytes.", examples=[DIGEST])
    role: DataRole = Field(description="What they were used for.")

    def value(self) -> DataSet:
        """The domain's form."""
        return DataSet(self.sha256, self.role)


class LineageBody(Body):
    """Where the version comes from. People who trained it or prepared its data can't approve it."""

    training_run: Word | None = Field(None, description="Id of the run in its tracking system.", examples=["run-2026-11-23.1"])
    experiment: Word | None = Field(None, description="Id of the experiment.", examples=["credit-risk/baseline"])
    commit: Digest | None = Field(None, description="Full Git commit id.", examples=["a94a8fe5ccb19ba61c4c0873d391e987982fbbd3"])
    data: list[UsedDataBody] = Field(description="Data that it was made with, by digest.", default_factory=list, max_length=1000)
    parameters: dict[Word, StrictBool | StrictInt | StrictFloat | StrictWord | None] = Field(
        default_factory=dict,
        max_length=5000,
        description="Numbers, booleans or single words.",
        examples=[{"C": 0.5, "solver": "lbfgs"}],
    )
    metrics: dict[Word, Annotated[float, Field(strict=True, allow_inf_nan=False)]] = Field(
        default_factory=dict, max_length=5000, description="As measured in training.", examples=[{"auc": 0.91}]
    )
    trained_by: list[IdOrName] = Field(default_factory=list, max_length=100, description="Ids or names of people; stored as ids.")
    prepared_by: list[IdOrName] = Field(default_factory=list, max_length=100, description="The people who prepared the data; likewise.")

    def value(self) -> Lineage:
        """The domain's form; people still as they were named."""
        return Lineage(
            training_run=self.training_run,
            experiment=self.experiment,
            commit=self.commit,
            data=[data.value() for data in self.data],
            parameters=self.parameters,
            metrics=self.metrics,
            trained_by=self.trained_by,
            prepared_by=self.prepared_by,
        )


class AddedLineageBody(Body):
    """People who had a part in the version, and data that it was made with, which were not named before."""

    trained_by: list[IdOrName] = Field(
        default_factory=list, max_length=100, description="Ids or names of people; stored as ids.", examples=[["alice"]]
    )
    prepared_by: list[IdOrName] = Field(default_factory=list, max_length=100, description="The people who prepared the data; likewise.")
    data: list[UsedDataBody] = Field(default_factory=list, max_length=500, description="Data that it was made with, by digest.")

    @model_validator(mode="after")
    def _adds_something(self) -> Self:
        if not (self.trained_by or self.prepared_by or self.data):
            raise ValueError("name at least one person in trained_by or prepared_by, or data")
        return self

    def command(self, version_id: str) -> AddLineage:
        """For this version."""
        return AddLineage(version_id, self.trained_by, self.prepared_by, [data.value() for data in self.data])


class VersionBody(Body):
    """A new version; nothing of it ever changes."""

    artifact: ArtifactBody = Field(description="The bytes, uploaded before, or kept elsewhere.")
    format: Format = Field(description="Decides which worker can run it.", examples=["onnx"])
    signature: SignatureBody | None = Field(None, description="What the model takes and gives; checks of a plan may ask for it.")
    lineage: LineageBody = Field(description="Where it comes from; it can only be added to later.", default_factory=LineageBody)

    def command(self, version_id: str, model_id: str) -> RegisterVersion:
        """With the new version's id."""
        signature = self.signature.value() if self.signature else None
        return RegisterVersion(version_id, model_id, self.artifact.value(), self.format, signature, self.lineage.value())
