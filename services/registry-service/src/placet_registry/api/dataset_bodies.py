"""The body of a request to register a version of a data set, and its parts."""

from typing import Annotated

from pydantic import Field

from placet_registry.api.body_parts import DIGEST, Body, Digest, IdOrName, Word
from placet_registry.commands.register_dataset import RegisterDataSet
from placet_registry.domain.data_facts import COLUMN_LIMIT, DataColumn, DataFormat, Period
from placet_registry.domain.lineage import DataRole

__all__ = ["DataSetBody"]

Day = Annotated[str, Field(max_length=10, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class DataColumnBody(Body):
    """A column by the name that the data have for it."""

    name: Word = Field(examples=["age"])
    type: Word = Field(examples=["number"])

    def value(self) -> DataColumn:
        """The domain's form."""
        return DataColumn(self.name, self.type)


class PeriodBody(Body):
    """The first and the last day that the data are about."""

    first: Day = Field(alias="from", examples=["2026-01-01"])
    last: Day = Field(alias="to", examples=["2026-03-31"])

    def value(self) -> Period:
        """The domain's form."""
        return Period(self.first, self.last)


class DataSetBody(Body):
    """A version of a data set; nothing of it ever changes."""

    name: str = Field(max_length=63, description="a-z 0-9 _ . -, a letter first; letter case matters.", examples=["churn-test"])
    sha256: Digest = Field(description="Digest of a blob that was uploaded.", examples=[DIGEST])
    format: DataFormat = Field(examples=["csv"])
    columns: list[DataColumnBody] | None = Field(
        None,
        max_length=COLUMN_LIMIT,
        description="In their order; null when they are not known.",
        examples=[[{"name": "age", "type": "number"}]],
    )
    rows: int | None = Field(None, ge=0, lt=2**63, description="How many, without a header; null when it is not known.", examples=[1000])
    period: PeriodBody | None = Field(None, examples=[{"from": "2026-01-01", "to": "2026-03-31"}])
    role: DataRole = Field(examples=["test"])
    owner: IdOrName | None = Field(None, description="Id or name of a person, stored as id; null for the caller.", examples=[None])

    def command(self, dataset_id: str) -> RegisterDataSet:
        """With an id in case the name is new."""
        columns = None if self.columns is None else [column.value() for column in self.columns]
        period = self.period.value() if self.period else None
        return RegisterDataSet(dataset_id, self.name, self.sha256, self.format, columns, self.rows, period, self.role, self.owner)
