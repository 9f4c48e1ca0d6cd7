"""A verification plan, as written in YAML and as events carry it: which checks a version must pass for an environment."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

__all__ = [
    "ArtifactRules",
    "CheckDocument",
    "Comparator",
    "DatasetDocument",
    "Environment",
    "InputDocument",
    "LimitsDocument",
    "Name",
    "PlanDocument",
    "PredictionDocument",
    "Severity",
    "Sha256",
]

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", max_length=64)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$", max_length=63)]
Environment = Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", max_length=63)]
ColumnName = Annotated[str, Field(pattern=r"^[\w ./:+*=<>()\[\]%#-]{1,200}$", max_length=200)]
Class = Annotated[str, Field(pattern=r"^[\w ./:+<>=-]{1,100}$", max_length=100)]
Operator = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{0,63}$", max_length=64)]
Comparator = Literal[">=", ">", "<=", "<"]
Severity = Literal["blocking", "advisory"]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class DatasetDocument(_Part):
    """A CSV file by digest: UTF-8, a header line, one row a record. Nothing about it is guessed."""

    sha256: Annotated[Sha256 | None, Field(description="may be left out; then every run request names one")] = None
    format: Literal["csv"] = "csv"
    delimiter: Literal[",", ";", "\t", "|"] = ","
    label: ColumnName
    empty: Annotated[Literal["refuse", "nan"], Field(description="what an empty cell of a float column is")] = "refuse"


class InputDocument(_Part):
    """One input of the model: a tensor of shape [rows, columns]."""

    name: ColumnName
    columns: Annotated[list[ColumnName], Field(min_length=1, max_length=2000)]
    type: Literal["float32", "float64", "int32", "int64", "bool", "string"] = "float32"


class PredictionDocument(_Part):
    """Which output has which meaning. `classes` are the labels as they stand in the data set, in the order of the score columns."""

    scores: Annotated[ColumnName, Field(description="output with probabilities, or with the prediction of a regression")]
    labels: Annotated[ColumnName | None, Field(description="output with the model's own decision")] = None
    classes: Annotated[list[Class], Field(max_length=1000)] = []
    positive: Class | None = None
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5

    @field_validator("classes", mode="before")
    @classmethod
    def _as_written(cls, value: object) -> object:
        return [str(item) if type(item) is int else item for item in value] if isinstance(value, list) else value

    @field_validator("positive", mode="before")
    @classmethod
    def _one_as_written(cls, value: object) -> object:
        return str(value) if type(value) is int else value


class ArtifactRules(_Part):
    """What an ONNX file may be before anything of it is loaded."""

    max_bytes: Annotated[int, Field(ge=1, le=2**31 - 1)] = 512 * 1024**2
    max_nodes: Annotated[int, Field(ge=1, le=1_000_000)] = 100_000
    max_initializer_bytes: Annotated[int, Field(ge=0, le=2**31 - 1)] = 512 * 1024**2
    allow_operators: Annotated[
        list[Operator], Field(max_length=10, description="control flow that is refused otherwise: Loop, If, Scan, SequenceMap")
    ] = []


class LimitsDocument(_Part):
    """What one evaluation may use; the service's own limits cap them."""

    wall_clock_seconds: Annotated[int, Field(ge=1, le=86_400)] = 120
    memory_mib: Annotated[int, Field(ge=64, le=1_048_576)] = 2048


class CheckDocument(_Part):
    """One metric and the threshold it is held against."""

    id: Name
    metric: Name
    comparator: Comparator
    threshold: Finite
    warn: Annotated[Finite | None, Field(description="a stricter threshold; between the two the check is WARN")] = None
    severity: Severity = "blocking"
    judge: Annotated[
        Literal["value", "interval"],
        Field(description="`interval`: PASS and FAIL only where the whole 95 % interval agrees, else WARN"),
    ] = "value"
    minimum_rows: Annotated[int, Field(ge=1)] = 30
    minimum_per_class: Annotated[int, Field(ge=1)] = 5
    k: Annotated[int | None, Field(ge=1, description="of top_k_accuracy")] = None
    guard: Annotated[float | None, Field(gt=0, description="of mape: no label may be nearer to zero")] = None


class PlanDocument(_Part):
    """Everything that one verification does, in one place."""

    kind: Literal["Plan"]
    name: Name
    environment: Environment
    task: Literal["binary", "multiclass", "regression"]
    dataset: DatasetDocument
    inputs: Annotated[list[InputDocument], Field(min_length=1, max_length=500)]
    prediction: PredictionDocument
    artifact: ArtifactRules = ArtifactRules()
    limits: LimitsDocument = LimitsDocument()
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    checks: Annotated[list[CheckDocument], Field(min_length=1, max_length=100)]
