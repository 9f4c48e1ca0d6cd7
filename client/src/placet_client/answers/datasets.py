"""What registry-service answers about data sets."""

from datetime import datetime

import msgspec

from placet_client.answers.answer import Answer, Part

__all__ = ["DataColumn", "DataSetVersion", "Period", "RegisteredDataSet"]


class DataColumn(Part, frozen=True, kw_only=True):
    """A column and its type."""

    name: str
    type: str


class Period(Part, frozen=True, kw_only=True):
    """The first and the last day that the data are about, ISO 8601; `from` and `to` in JSON."""

    first: str = msgspec.field(name="from")
    last: str = msgspec.field(name="to")


class DataSetVersion(Answer, frozen=True, kw_only=True):
    """One immutable version of a data set; None stands for what is not known. `owner` is a person's id."""

    dataset_id: str
    name: str
    number: int
    sha256: str
    size: int
    format: str
    columns: tuple[DataColumn, ...] | None = None
    rows: int | None = None
    period: Period | None = None
    role: str
    owner: str
    registered_by: str
    registered_at: datetime


class RegisteredDataSet(Answer, frozen=True, kw_only=True):
    """The version of a data set that has the registered facts."""

    dataset_id: str
    name: str
    number: int
    sha256: str
    owner: str
