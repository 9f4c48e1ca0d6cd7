"""registry-service: data sets, which are numbered versions of a name for blobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from placet_client.answers.answer import Page
from placet_client.answers.datasets import DataSetVersion, RegisteredDataSet
from placet_client.calls import Call, Flow, Reading
from placet_client.csv_files import CsvFacts, csv_facts
from placet_client.operations import registry
from placet_client.operations.paths import pages, quoted

__all__ = ["DataSetFile", "add_dataset", "dataset", "dataset_versions", "datasets", "datasets_of_bytes", "register_dataset"]

SERVICE = "registry"


@dataclass(frozen=True, slots=True)
class DataSetFile:
    """A file that becomes a version of a data set. `period` is the first and the last day, ISO 8601; without `owner` it is the caller.

    Of a CSV file columns and rows are read; `delimiter` is its own. Without `with_columns` only its rows are.
    """

    name: str
    file: Path
    role: str
    format: Literal["csv", "parquet"] = "csv"
    period: tuple[str, str] | None = None
    owner: str | None = None
    delimiter: str = ","
    with_columns: bool = True


def datasets(limit: int = 50, *, name: str | None = None, role: str | None = None) -> Flow[Page[DataSetVersion]]:
    """The newest version of each name, by name; `name` is a part of it, `role` that of the newest version."""
    return pages(SERVICE, "/v1/datasets", Page[DataSetVersion], limit, name=name, role=role)


def dataset_versions(name: str, limit: int = 50) -> Flow[Page[DataSetVersion]]:
    """The newest first. Raises `Problem` with code dataset_not_found."""
    return pages(SERVICE, f"/v1/datasets/{quoted(name)}", Page[DataSetVersion], limit)


def dataset(name: str, number: int | None = None) -> Call[DataSetVersion]:
    """By its number, or the newest version. Raises `Problem` with code dataset_not_found."""
    return Call(SERVICE, "GET", f"/v1/datasets/{quoted(name)}/{'latest' if number is None else number}", DataSetVersion)


def datasets_of_bytes(sha256: str, limit: int = 50) -> Flow[Page[DataSetVersion]]:
    """Every version of every name that has these bytes, by name and number."""
    return pages(SERVICE, f"/v1/blobs/{sha256}/datasets", Page[DataSetVersion], limit)


def register_dataset(body: Mapping[str, Any]) -> Call[RegisteredDataSet]:
    """`body` as `POST /v1/datasets` takes it. `add_dataset` does all that is needed before. For developers and admins."""
    return Call(SERVICE, "POST", "/v1/datasets", RegisteredDataSet, json=dict(body))


def add_dataset(data: DataSetFile) -> Flow[RegisteredDataSet]:
    """Upload the file, unless the registry has it, and register it; doing it again changes nothing. For developers and admins.

    Raises `ClientError` for a CSV file that can't be read.
    """
    facts = CsvFacts(None, None)
    if data.format == "csv":
        facts = yield from Reading("reading", data.file, partial(csv_facts, data.file, data.delimiter))
    sha256 = yield from registry.upload(data.file)
    return (yield from register_dataset(_body(data, sha256, facts)))


def _body(wanted: DataSetFile, sha256: str, facts: CsvFacts) -> Mapping[str, Any]:
    columns = facts.columns if wanted.with_columns else None
    return {
        "name": wanted.name,
        "sha256": sha256,
        "format": wanted.format,
        "columns": None if columns is None else [{"name": name, "type": type_} for name, type_ in columns],
        "rows": facts.rows,
        "period": {"from": wanted.period[0], "to": wanted.period[1]} if wanted.period else None,
        "role": wanted.role,
        "owner": wanted.owner,
    }
