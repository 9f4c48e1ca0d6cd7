"""A verification plan, as written in YAML and as events carry it: which checks the versions that it selects must pass for environments."""

import unicodedata
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from placet_shared.model_selectors import GOVERNANCE_TAGS

__all__ = [
    "ArtifactRules",
    "CheckDocument",
    "Comparator",
    "DataDocument",
    "DatasetDocument",
    "Environment",
    "ExplanationDocument",
    "InputDocument",
    "LimitsDocument",
    "Name",
    "PlanDocument",
    "PredictionDocument",
    "SelectorDocument",
    "Severity",
    "Sha256",
    "TakesEffect",
    "Task",
]

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", max_length=64)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$", max_length=63)]
Environment = Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", max_length=63)]
ColumnName = Annotated[str, Field(pattern=r"^[\w ./:+*=<>()\[\]%#-]{1,200}$", max_length=200)]
Class = Annotated[str, Field(pattern=r"^[\w ./:+<>=-]{1,100}$", max_length=100)]
Operator = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{0,63}$", max_length=64)]
QualifiedName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+$", max_length=200)]
Comparator = Literal[">=", ">", "<=", "<"]
Severity = Literal["blocking", "advisory"]
Finite = Annotated[float, Field(allow_inf_nan=False)]
DatasetName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,62}$", max_length=63)]
TagKey = Annotated[str, Field(pattern=rf"^{GOVERNANCE_TAGS}[A-Za-z0-9._/-]{{1,189}}$", max_length=200)]
TagValue = Annotated[str, Field(pattern=r"^[A-Za-z0-9._/-]{1,200}$", max_length=200)]
TakesEffect = Literal["next", "immediately"]
Task = Literal["binary", "multiclass", "regression"]


def _printable(text: str) -> str:
    """In the normal form of model names (Unicode NFC)."""
    if not text.isprintable():
        raise ValueError("printable characters only")
    return unicodedata.normalize("NFC", text)


ModelPattern = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class SelectorDocument(_Part):
    """The models that a plan or a policy is for: those that fit one entry; with no entry at all, every model."""

    models: Annotated[
        list[ModelPattern], Field(max_length=200, description="ids, names, and names in which * stands for any characters")
    ] = []
    tags: Annotated[
        dict[TagKey, TagValue], Field(max_length=50, description=f"tags that only admins set: their keys begin with {GOVERNANCE_TAGS}")
    ] = {}


class DataDocument(_Part):
    """Rows by the digest of their file, or by the name of a data set in the registry, whose digest is pinned when the plan is applied."""

    name: Annotated[DatasetName | None, Field(description="of a data set in the registry")] = None
    sha256: Annotated[Sha256 | None, Field(description="the file; filled in for a data set that is named")] = None
    format: Annotated[Literal["csv", "parquet"], Field(description="of the file; for a data set that is named as it was registered")] = (
        "csv"
    )
    delimiter: Annotated[Literal[",", ";", "\t", "|"], Field(description="between the cells of a CSV file")] = ","


class DatasetDocument(DataDocument):
    """The rows on which the model is tried: CSV (UTF-8, a header line, one row a record) or Parquet (flat columns). Nothing is guessed.

    Without `name` and `sha256` every run request names the file.
    """

    label: Annotated[ColumnName, Field(description="the column with the truth")]
    empty: Annotated[Literal["refuse", "nan"], Field(description="what an empty cell of a float column is")] = "refuse"


class InputDocument(_Part):
    """One input of the model: a tensor of shape [rows, columns]."""

    name: Annotated[ColumnName, Field(description="as the model's file calls it")]
    columns: Annotated[
        list[ColumnName], Field(min_length=1, max_length=2000, description="of the data set, in the order that the model takes")
    ]
    type: Annotated[
        Literal["float32", "float64", "int32", "int64", "bool", "string"], Field(description="of its values, as the model takes them")
    ] = "float32"


class PredictionDocument(_Part):
    """Which output has which meaning. `classes` are the labels as they stand in the data set, in the order of the score columns."""

    scores: Annotated[ColumnName, Field(description="output with probabilities, or with the prediction of a regression")]
    labels: Annotated[ColumnName | None, Field(description="output with the model's own decision")] = None
    classes: Annotated[
        list[Class],
        Field(max_length=1000, description="of a classification: labels as the data set has them, in the order of the score columns"),
    ] = []
    positive: Annotated[Class | None, Field(description="of a binary classification: the class that the score is of")] = None
    threshold: Annotated[
        float, Field(ge=0, le=1, description="the least score of `positive` that decides for it, where `labels` is not given")
    ] = 0.5

    @field_validator("classes", mode="before")
    @classmethod
    def _as_written(cls, value: object) -> object:
        return [str(item) if type(item) is int else item for item in value] if isinstance(value, list) else value

    @field_validator("positive", mode="before")
    @classmethod
    def _one_as_written(cls, value: object) -> object:
        return str(value) if type(value) is int else value


class ArtifactRules(_Part):
    """What the model's file may be before anything of it is loaded."""

    max_bytes: Annotated[int, Field(ge=1, le=2**31 - 1, description="of the file")] = 512 * 1024**2
    max_nodes: Annotated[int, Field(ge=1, le=1_000_000, description="operators of a graph, or nodes of all trees")] = 100_000
    max_initializer_bytes: Annotated[int, Field(ge=0, le=2**31 - 1, description="of the weights, unpacked")] = 512 * 1024**2
    allow_operators: Annotated[
        list[Operator], Field(max_length=10, description="control flow that is refused otherwise: Loop, If, Scan, SequenceMap")
    ] = []
    allow_types: Annotated[
        list[QualifiedName], Field(max_length=100, description="types in a skops file beside those that are always allowed")
    ] = []
    allow_pickle: Annotated[
        bool, Field(description="a pickle is a program: it is loaded only where the plan says so, and in the complete confinement")
    ] = False
    allow_globals: Annotated[
        list[QualifiedName], Field(max_length=200, description="every name that a pickle imports, as `module.name`")
    ] = []


class LimitsDocument(_Part):
    """What one evaluation may use; the service's own limits cap them."""

    wall_clock_seconds: Annotated[int, Field(ge=1, le=86_400, description="from its start; a run that needs longer ends as `timeout`")] = (
        120
    )
    memory_mib: Annotated[int, Field(ge=64, le=1_048_576, description="of the process that runs the model, data included")] = 2048


class ExplanationDocument(_Part):
    """What a person who tries the model on rows of their own is shown beside its predictions."""

    immutable: Annotated[
        list[ColumnName], Field(max_length=2000, description="columns that a counterfactual may not change, such as a person's age")
    ] = []


class CheckDocument(BaseModel):
    """One check; the fields beside these are the parameters of its kind, with their defaults filled in."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    id: Annotated[Name, Field(description="its name in the plan and in reports; each once")]
    check: Annotated[Name, Field(description="the kind of check")] = "metric"
    severity: Annotated[Severity, Field(description="only a blocking check fails the run")] = "blocking"

    @property
    def parameters(self) -> dict[str, Any]:
        """As they were written."""
        return dict(self.model_extra or {})


class PlanDocument(_Part):
    """Everything that one verification does, in one place. Without `task`, `dataset`, `inputs` and `prediction` the model is not run, and
    only checks of the artifact and of what is registered about it are possible: a plan for many different models."""

    kind: Annotated[Literal["Plan"], Field(description="says what the document is")]
    name: Annotated[Name, Field(description="of the plan; a document of the same name is its next version")]
    team: Annotated[Name | None, Field(description="whose plan it is: only a document of the same team can change it")] = None
    environments: Annotated[
        list[Environment], Field(min_length=1, max_length=50, description="where it is in force; or `environment` for a single one")
    ]
    selector: Annotated[SelectorDocument, Field(alias="for", description="which models it is for; left out: every model")] = (
        SelectorDocument()
    )
    takes_effect: Annotated[
        TakesEffect,
        Field(description="`next`: evidence by this version is needed for requests from now on; `immediately`: for every sign-off"),
    ] = "next"
    task: Annotated[Task | None, Field(description="what the model predicts; left out with `dataset`, `inputs` and `prediction`")] = None
    dataset: Annotated[DatasetDocument | None, Field(description="the rows on which the model is tried")] = None
    training: Annotated[DataDocument | None, Field(description="the rows that the model was trained on, in the same columns")] = None
    reference: Annotated[DataDocument | None, Field(description="rows that drift is measured against, in the same columns")] = None
    inputs: Annotated[list[InputDocument], Field(max_length=500, description="the model's inputs, and which columns they take")] = []
    prediction: Annotated[PredictionDocument | None, Field(description="what the model's outputs mean")] = None
    artifact: Annotated[ArtifactRules, Field(description="what the model's file may be before anything of it is loaded")] = ArtifactRules()
    limits: Annotated[LimitsDocument, Field(description="what one evaluation may use")] = LimitsDocument()
    seed: Annotated[int, Field(ge=0, lt=2**32, description="of everything that is drawn at random: the same seed, the same result")] = 0
    explanation: Annotated[
        ExplanationDocument | None, Field(description="what those who try rows of their own are shown beside predictions")
    ] = None
    checks: Annotated[list[CheckDocument], Field(min_length=1, max_length=100, description="what must hold; at least one")]

    @model_validator(mode="before")
    @classmethod
    def _one_environment(cls, value: Any) -> Any:
        if isinstance(value, dict) and "environment" in value and "environments" not in value:
            rest = {name: part for name, part in value.items() if name != "environment"}
            return {**rest, "environments": [value["environment"]]}
        return value

    def full_form(self) -> dict[str, Any]:
        """Plain JSON with every default filled in, as events carry it. What documents could not say at first is left out where they do
        not say it, so that they keep their digests."""
        plain = self.model_dump(mode="json", by_alias=True)
        if plain["explanation"] is None:
            del plain["explanation"]
        for name in ("allow_types", "allow_pickle", "allow_globals"):
            if not plain["artifact"][name]:
                del plain["artifact"][name]
        return plain
