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
    name: str = Field(description="Of the data set; its versions share it.", examples=["churn-test"])
    number: int = Field(description="Counts from 1 within the data set.", examples=[1])
    sha256: Sha256
    owner: ActorId


class DataSetAnswer(DataSetRegistered):
    """An immutable version of a data set. `dataset_id` is the same for all versions of a name."""

    size: int = Field(description="In bytes.", examples=[48213])
    format: Literal["csv", "parquet"] = Field(description="How the rows are written.")
    columns: list[DataColumn] | None = Field(description="Names and types, in their order; null when they were not registered.")
    rows: int | None = Field(description="Without the header; null when they were not counted.")
    period: Period | None = Field(description="The days that the data are about; null when not said.")
    role: Literal["train", "validation", "test", "reference"] = Field(description="What the data are for.")
    registered_by: ActorId
    registered_at: datetime = Field(description="When the registry recorded it.")
