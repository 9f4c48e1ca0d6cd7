"""Models, versions, environments and deployments, as registry-service answers."""

from datetime import datetime

from placet_client.answers.answer import Answer, Part

__all__ = [
    "AddedLineage",
    "Artifact",
    "BegunDeployment",
    "Column",
    "DataSet",
    "DefinedEnvironment",
    "Deployment",
    "EndedDeployment",
    "Environment",
    "Environments",
    "Lineage",
    "Model",
    "Qualification",
    "QualifiedModel",
    "Qualities",
    "RegisteredModel",
    "RegisteredVersion",
    "ReportedDeployment",
    "ReportedDeployments",
    "Signature",
    "Text",
    "Version",
]


class Text(Part, frozen=True, kw_only=True):
    """A free text; erased, only its commitment is left."""

    id: str
    hmac: str
    text: str | None = None
    erased: bool


class Artifact(Part, frozen=True, kw_only=True):
    """The bytes of a version; `uri` when they are kept elsewhere."""

    sha256: str
    size: int
    uri: str | None = None


class Column(Part, frozen=True, kw_only=True):
    """One input or output; None in a `shape` is any length."""

    name: str
    type: str
    shape: tuple[int | str | None, ...] = ()


class Signature(Part, frozen=True, kw_only=True):
    """The model's inputs and outputs."""

    inputs: tuple[Column, ...] = ()
    outputs: tuple[Column, ...] = ()


class DataSet(Part, frozen=True, kw_only=True):
    """`role` is train, validation, test or reference."""

    sha256: str
    role: str


class Lineage(Part, frozen=True, kw_only=True):
    """A version's lineage; people by id."""

    training_run: str | None = None
    experiment: str | None = None
    commit: str | None = None
    data: tuple[DataSet, ...] = ()
    parameters: dict[str, str | int | float | bool | None] = {}
    metrics: dict[str, float] = {}
    trained_by: tuple[str, ...] = ()
    prepared_by: tuple[str, ...] = ()


class Qualities(Part, frozen=True, kw_only=True):
    """How a model is judged: low, medium, high, or None."""

    value: str | None = None
    risk: str | None = None
    feasibility: str | None = None
    risk_tier: str | None = None


class Qualification(Qualities, frozen=True, kw_only=True):
    """The same, and by whom last, when and why."""

    by: str | None = None
    at: datetime | None = None
    reason: Text | None = None


class Model(Answer, frozen=True, kw_only=True):
    """A registered model."""

    id: str
    name: str
    description: Text | None = None
    tags: dict[str, str] = {}
    qualification: Qualification | None = None
    latest_number: int | None = None
    registered_by: str
    registered_at: datetime
    changed_at: datetime
    revision: int


class RegisteredModel(Answer, frozen=True, kw_only=True):
    """A model that was registered now."""

    id: str
    name: str


class TaggedModel(Answer, frozen=True, kw_only=True):
    """All tags of a model as they are now."""

    id: str
    tags: dict[str, str] = {}


class QualifiedModel(TaggedModel, frozen=True, kw_only=True):
    """How a model is judged now."""

    qualification: Qualities


class Version(Answer, frozen=True, kw_only=True):
    """One immutable version of a model."""

    id: str
    model_id: str
    model_name: str
    number: int
    artifact: Artifact
    format: str
    signature: Signature | None = None
    lineage: Lineage
    deployed_in: tuple[str, ...] = ()
    registered_by: str
    registered_at: datetime


class RegisteredVersion(Answer, frozen=True, kw_only=True):
    """A version that was registered now."""

    id: str
    model_id: str
    number: int
    sha256: str


class AddedLineage(Answer, frozen=True, kw_only=True):
    """The people with a part in a version, and its data; `added` is false when all were named already."""

    id: str
    added: bool
    trained_by: tuple[str, ...] = ()
    prepared_by: tuple[str, ...] = ()
    data: tuple[DataSet, ...] = ()


class Environment(Answer, frozen=True, kw_only=True):
    """An environment and its place in the order."""

    name: str
    place: int
    defined_by: str
    defined_at: datetime


class Environments(Answer, frozen=True, kw_only=True):
    """All, in their order."""

    items: tuple[Environment, ...] = ()


class DefinedEnvironment(Answer, frozen=True, kw_only=True):
    """An environment that was defined now."""

    name: str
    after: str | None = None


class Deployment(Answer, frozen=True, kw_only=True):
    """A version that runs, or ran, in an environment; `state` is current or ended."""

    id: str
    environment: str
    model_id: str
    model_name: str
    version_id: str
    number: int
    sha256: str
    permit_id: str | None = None
    state: str
    reported_by: str
    reported_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    end_cause: str | None = None
    replaced_by: str | None = None
    reason: Text | None = None
    revision: int


class ReportedDeployment(Answer, frozen=True, kw_only=True):
    """A deployment that was reported now."""

    id: str
    environment: str
    model_id: str
    version_id: str
    sha256: str


class BegunDeployment(Part, frozen=True, kw_only=True):
    """One of several deployments that were reported at once."""

    id: str
    environment: str
    model_id: str
    version_id: str
    sha256: str


class ReportedDeployments(Answer, frozen=True, kw_only=True):
    """What was reported at once; `ended` have ids."""

    environment: str
    begun: tuple[BegunDeployment, ...] = ()
    ended: tuple[dict[str, str], ...] = ()


class EndedDeployment(Answer, frozen=True, kw_only=True):
    """A deployment that has ended."""

    id: str
