"""Response models, for the OpenAPI document; a test checks real answers against them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from placet_shared.contracts.registry import Artifact, DataSet, Lineage, Signature

__all__ = [
    "ActorId",
    "BlobAnswer",
    "DeploymentAnswer",
    "DeploymentRegistered",
    "EnvironmentAnswer",
    "EnvironmentRegistered",
    "Environments",
    "Id",
    "Identified",
    "LineageAnswer",
    "ModelAnswer",
    "ModelRegistered",
    "Sha256",
    "Shape",
    "Tagged",
    "VersionAnswer",
    "VersionRegistered",
]

Id = Annotated[str, Field(description="UUIDv7.", examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])]
Sha256 = Annotated[str, Field(examples=["6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090"])]
ActorId = Annotated[str, Field(description="Id of a person or a service account.", examples=["0193a2ee-14a2-7d31-b4f3-1c3a2d5a7b11"])]
Revision = Annotated[int, Field(description="Version of the resource's own stream: its ETag.", examples=[1])]


class Shape(BaseModel):
    """Exactly these fields."""

    model_config = ConfigDict(extra="forbid")


class Identified(Shape):
    """The resource that was changed."""

    id: Id


class ModelRegistered(Identified):
    """The new model."""

    name: str = Field(examples=["credit-risk"])


class Tagged(Identified):
    """The model and its tags as they are now."""

    tags: dict[str, str]


class LineageAnswer(Shape):
    """All people and data that are named now, and whether the request added any of them."""

    id: str
    added: bool
    trained_by: list[str]
    prepared_by: list[str]
    data: list[DataSet]


class VersionRegistered(Identified):
    """The new version and its number."""

    model_id: Id
    number: int = Field(examples=[1])
    sha256: Sha256


class EnvironmentRegistered(Shape):
    """The new environment."""

    name: str
    after: str | None


class DeploymentRegistered(Identified):
    """The version, bytes and environment of the deployment."""

    environment: str
    model_id: Id
    version_id: Id
    sha256: Sha256


class TextAnswer(Shape):
    """A free text with the commitment that stands for it in the events. When it was erased, `text` is null."""

    id: Id
    hmac: str
    text: str | None
    erased: bool


class ModelAnswer(Identified):
    """A model as it is now."""

    name: str
    description: TextAnswer | None
    tags: dict[str, str]
    latest_number: int | None = Field(description="Number of the newest version; null as long as there is none.")
    registered_by: ActorId
    registered_at: datetime
    changed_at: datetime
    revision: Revision


class VersionAnswer(Identified):
    """An immutable version. `lineage` holds person ids."""

    model_id: Id
    model_name: str
    number: int
    artifact: Artifact
    format: str
    signature: Signature | None
    lineage: Lineage
    deployed_in: list[str] = Field(description="Environments where it is the current one, in their order.")
    registered_by: ActorId
    registered_at: datetime


class BlobAnswer(Shape):
    """A blob that is kept."""

    sha256: Sha256
    size: int


class EnvironmentAnswer(Shape):
    """An environment; `place` counts from 1."""

    name: str
    place: int
    defined_by: ActorId
    defined_at: datetime


class Environments(Shape):
    """All of them, from the first to the last."""

    items: list[EnvironmentAnswer]


class DeploymentAnswer(Identified):
    """A deployment, current or ended (`replaced` by the next one of its model, or `retired`)."""

    environment: str
    model_id: Id
    model_name: str
    version_id: Id
    number: int
    sha256: Sha256
    permit_id: str | None
    state: Literal["current", "ended"]
    reported_by: ActorId
    reported_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    end_cause: Literal["replaced", "retired"] | None
    replaced_by: str | None
    reason: TextAnswer | None
    revision: Revision
