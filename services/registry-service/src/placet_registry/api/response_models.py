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
Sha256 = Annotated[
    str, Field(description="64 hexadecimal digits.", examples=["6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090"])
]
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

    name: str = Field(description="Unique among all models, and never changed.", examples=["credit-risk"])


class Tagged(Identified):
    """The model and its tags as they are now."""

    tags: dict[str, str] = Field(description="All tags of the model, those that begin with `governance/` too.")


class Qualities(Shape):
    """How a model is judged; null where it was not."""

    value: str | None = Field(description="What it is worth to the organisation.", examples=["high"])
    risk: str | None = Field(description="What can go wrong, and how badly.", examples=["high"])
    feasibility: str | None = Field(description="Whether it can be built and run.", examples=["medium"])
    risk_tier: str | None = Field(description="The tier that follows for its governance.", examples=["high"])


class Qualified(Tagged):
    """The model, how it is judged and its tags as they are now."""

    qualification: Qualities = Field(description="All four, as the tags say.")


class LineageAnswer(Shape):
    """All people and data that are named now, and whether the request added any of them."""

    id: str = Field(description="The version's id.")
    added: bool = Field(description="False when everything was named before.")
    trained_by: list[str] = Field(description="Ids of the people who trained it; they can't approve these bytes.")
    prepared_by: list[str] = Field(description="Ids of the people who prepared the data; they can't approve these bytes either.")
    data: list[DataSet] = Field(description="By digest, each with its role.")


class VersionRegistered(Identified):
    """The new version and its number."""

    model_id: Id
    number: int = Field(description="Counts from 1 within the model.", examples=[1])
    sha256: Sha256


class EnvironmentRegistered(Shape):
    """The new environment."""

    name: str = Field(description="The environment's name.")
    after: str | None = Field(description="The environment before it in the order; null for the first one.")


class DeploymentRegistered(Identified):
    """The version, bytes and environment of the deployment."""

    environment: str = Field(description="The environment's name.")
    model_id: Id
    version_id: Id
    sha256: Sha256


class DeploymentsRegistered(Shape):
    """What was recorded at once."""

    environment: str = Field(description="The environment's name.")
    begun: list[DeploymentRegistered]
    ended: list[Identified]


class TextAnswer(Shape):
    """A free text with the commitment that stands for it in the events. When it was erased, `text` is null."""

    id: Id
    hmac: str = Field(description="HMAC-SHA256 of the text under a random salt, which is erased together with the text.")
    text: str | None = Field(description="Null when it was erased.")
    erased: bool = Field(description="Whether it was.")


class Qualification(Qualities):
    """With who judged it last, and why."""

    by: str | None = Field(description="Id of the person; null when only tags were set.")
    at: datetime | None = Field(description="When.")
    reason: TextAnswer | None = Field(description="Why.")


class ModelAnswer(Identified):
    """A model as it is now."""

    name: str = Field(description="Unique among all models, and never changed.")
    description: TextAnswer | None = Field(description="Null when none was given.")
    tags: dict[str, str] = Field(description="By key; keys that begin with `governance/` are set by admins alone.")
    qualification: Qualification = Field(description="How it is judged.")
    latest_number: int | None = Field(description="Number of the newest version; null as long as there is none.")
    registered_by: ActorId
    registered_at: datetime = Field(description="When the registry recorded it.")
    changed_at: datetime = Field(description="When it or its tags changed last.")
    revision: Revision


class VersionAnswer(Identified):
    """An immutable version. `lineage` holds person ids."""

    model_id: Id
    model_name: str = Field(description="As it is registered.")
    number: int = Field(description="Counts from 1 within the model.")
    artifact: Artifact = Field(description="Its bytes: digest, size, and where they are if the registry does not keep them.")
    format: str = Field(description="As it was registered, such as onnx.")
    signature: Signature | None = Field(description="What the model takes and gives; null when that was not registered.")
    lineage: Lineage = Field(description="Where it comes from, as claimed, with all that was added since.")
    deployed_in: list[str] = Field(description="Environments where it is the current one, in their order.")
    registered_by: ActorId
    registered_at: datetime = Field(description="When the registry recorded it.")


class BlobAnswer(Shape):
    """A blob that is kept."""

    sha256: Sha256
    size: int = Field(description="In bytes.")


class EnvironmentAnswer(Shape):
    """An environment; `place` counts from 1."""

    name: str = Field(description="The environment's name.")
    place: int = Field(description="Its place in the order, from 1.")
    defined_by: ActorId
    defined_at: datetime = Field(description="When the registry recorded it.")


class Environments(Shape):
    """All of them, from the first to the last."""

    items: list[EnvironmentAnswer] = Field(description="In their order.")


class DeploymentAnswer(Identified):
    """A deployment, current or ended (`replaced` by the next one of its model, or `retired`)."""

    environment: str = Field(description="The environment's name.")
    model_id: Id
    model_name: str = Field(description="As it is registered.")
    version_id: Id
    number: int = Field(description="Of the version, within its model.")
    sha256: Sha256
    permit_id: str | None = Field(description="The permit that was reported with it; null without one.")
    state: Literal["current", "ended"] = Field(description="`current` until the next one of its model there, or its end.")
    reported_by: ActorId
    reported_at: datetime = Field(description="When the registry recorded it.")
    ended_at: datetime | None = Field(description="Null while it is current.")
    ended_by: str | None = Field(description="Id of who reported what ended it; null while it is current.")
    end_cause: Literal["replaced", "retired"] | None = Field(description="Null while it is current.")
    replaced_by: str | None = Field(description="Id of the deployment that took its place; null without one.")
    reason: TextAnswer | None = Field(description="What was said when it ended; null when nothing was.")
    revision: Revision
