"""Response models of data sets, for the OpenAPI document; a test checks real answers against them."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from placet_registry.api.response_models import ActorId, Id, Sha256, Shape
from placet_shared.contracts.registry import DataColumn, Period

__all__ = ["DataSetAnswer", "DataSetRegistered"]


class DataSetRegistered(Shape):
    """The version with these facts."""

    dataset_id: Id
    name: str = Field(examples=["churn-test"])
    number: int = Field(examples=[1])
    sha256: Sha256
    owner: ActorId


class DataSetAnswer(DataSetRegistered):
    """An immutable version of a data set. `dataset_id` is the same for all versions of a name."""

    size: int = Field(description="In bytes.", examples=[48213])
    format: Literal["csv", "parquet"]
    columns: list[DataColumn] | None
    rows: int | None
    period: Period | None
    role: Literal["train", "validation", "test", "reference"]
    registered_by: ActorId
    registered_at: datetime
