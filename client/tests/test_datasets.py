"""A file becomes a version of a data set, with both clients."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from placet_client import ClientError, DataSetFile

CONTENT = b"age,label\n31,0\n44,1\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
REGISTERED = {"dataset_id": "d", "name": "churn-test", "number": 2, "sha256": SHA256, "owner": "p"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "data.csv"
    file.write_bytes(CONTENT)
    return file


def test_file_is_uploaded_unless_it_is_there_and_registered_with_its_facts(
    placet: Any, service: Any, says: Any, problem: Any, file: Path
) -> None:
    service.next = [problem(404, "blob_not_found"), says(201, {}), says(201, REGISTERED), says(200), says(200, REGISTERED)]
    for _ in range(2):
        registered = placet.registry.add_dataset(DataSetFile("churn-test", file, "test", period=("2026-01-01", "2026-03-31")))
        assert (registered.number, registered.owner) == (2, "p")
    assert [asked.method for asked in service.asked] == ["HEAD", "PUT", "POST", "HEAD", "POST"]
    assert (service.asked[1].path, service.asked[1].body) == (f"/v1/blobs/{SHA256}", CONTENT)
    assert json.loads(service.asked[2].body) == {
        "name": "churn-test",
        "sha256": SHA256,
        "format": "csv",
        "columns": [{"name": "age", "type": "number"}, {"name": "label", "type": "number"}],
        "rows": 2,
        "period": {"from": "2026-01-01", "to": "2026-03-31"},
        "role": "test",
        "owner": None,
    }


def test_parquet_file_and_columns_that_are_not_wanted_are_not_described(placet: Any, service: Any, says: Any, file: Path) -> None:
    service.next = [says(200), says(200, REGISTERED), says(200), says(200, REGISTERED)]
    placet.registry.add_dataset(DataSetFile("churn-test", file, "test", "parquet"))
    placet.registry.add_dataset(DataSetFile("churn-test", file, "test", with_columns=False, owner="alice"))
    parquet, csv = (json.loads(asked.body) for asked in service.asked if asked.method == "POST")
    assert (parquet["format"], parquet["columns"], parquet["rows"]) == ("parquet", None, None)
    assert (csv["columns"], csv["rows"], csv["owner"]) == (None, 2, "alice")


def test_broken_csv_is_refused_before_anything_is_sent(placet: Any, service: Any, file: Path) -> None:
    file.write_bytes(b"age,label\n31\n")
    with pytest.raises(ClientError, match="line 2"):
        placet.registry.add_dataset(DataSetFile("churn-test", file, "test"))
    assert service.asked == []


def test_version_is_read_by_number_or_as_the_newest(placet: Any, service: Any, says: Any) -> None:
    at = "2026-11-23T14:05:09Z"
    facts = {"size": 1, "format": "csv", "role": "test", "period": {"from": "2026-01-01", "to": "2026-03-31"}}
    version = {**REGISTERED, **facts, "registered_by": "p", "registered_at": at}
    service.next = [says(200, version)] * 2
    assert placet.registry.dataset("churn-test").period.first == "2026-01-01"
    assert placet.registry.dataset("churn-test", 2).raw == version
    assert [asked.path for asked in service.asked] == ["/v1/datasets/churn-test/latest", "/v1/datasets/churn-test/2"]
