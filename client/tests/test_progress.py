"""What `on_progress` of both clients is told."""

from pathlib import Path
from typing import Any

import pytest

from placet_client import Addresses, Client, ClientError, DataSetFile, Progress, RetryPolicy
from placet_client.files import PART

SIZE = 3 * PART + 1
REGISTERED = {"dataset_id": "d", "name": "churn-test", "number": 1, "sha256": "0" * 64, "owner": "p"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "model.onnx"
    made.write_bytes(b"x" * SIZE)
    return made


@pytest.fixture
def told(placet: Any) -> list[Progress]:
    """By the client that the test uses."""
    progress: list[Progress] = []
    getattr(placet, "_client", placet).on_progress = progress.append
    return progress


def parts(told: list[Progress], stage: str) -> list[int]:
    return [one.done for one in told if one.stage == stage]


def test_upload_tells_of_each_part_that_was_hashed_and_sent(
    placet: Any, service: Any, says: Any, problem: Any, file: Path, told: list[Progress]
) -> None:
    service.next = [problem(404, "blob_not_found"), says(201, {})]
    placet.registry.upload(file)
    assert parts(told, "hashing") == [PART, 2 * PART, 3 * PART, SIZE]
    assert parts(told, "sending") == [0, PART, 2 * PART, 3 * PART, SIZE]
    assert {(one.file, one.total) for one in told} == {(file, SIZE)}


def test_upload_is_told_as_done_only_when_the_service_has_taken_it(
    placet: Any, service: Any, says: Any, problem: Any, file: Path, told: list[Progress]
) -> None:
    service.next = [problem(404, "blob_not_found"), problem(503, "unavailable"), says(None), problem(422, "digest_mismatch")]
    with pytest.raises(ClientError):
        placet.registry.upload(file)
    assert parts(told, "sending").count(0) == 3  # attempts
    assert SIZE not in parts(told, "sending")


def test_file_that_is_there_already_is_hashed_only(placet: Any, service: Any, says: Any, file: Path, told: list[Progress]) -> None:
    service.next = [says(200)]
    placet.registry.upload(file)
    assert {one.stage for one in told} == {"hashing"}


def test_csv_file_is_read_then_hashed_then_sent(
    placet: Any, service: Any, says: Any, problem: Any, tmp_path: Path, told: list[Progress]
) -> None:
    file = tmp_path / "data.csv"
    file.write_text("\ufeffage,label\n" + "41,1\n" * PART)
    service.next = [problem(404, "blob_not_found"), says(201, {}), says(201, REGISTERED)]
    placet.registry.add_dataset(DataSetFile("churn-test", file, "test"))
    assert list(dict.fromkeys(one.stage for one in told)) == ["reading", "hashing", "sending"]
    assert [one.done for one in told if one.done == one.total] == [file.stat().st_size] * 3


def test_file_that_becomes_shorter_while_it_is_sent_is_said_to_be_so(service: Any, problem: Any, file: Path) -> None:
    service.by_path = {f"/v1/blobs/{'0' * 64}": lambda asked: problem(404, "blob_not_found")}

    def cut(now: Progress) -> None:
        if now.stage == "sending":
            file.write_bytes(b"")

    with Client(Addresses(*[service.url] * 4), "t", retries=RetryPolicy(0.0), on_progress=cut) as placet:
        service.next = [problem(404, "blob_not_found")]
        with pytest.raises(ClientError, match="was changed while it was sent"):
            placet.registry.upload(file)


def test_file_that_grows_while_it_is_sent_is_sent_as_it_was(service: Any, says: Any, problem: Any, file: Path) -> None:
    before = file.read_bytes()

    def append(now: Progress) -> None:
        if now.stage == "sending" and now.done == 0:
            file.write_bytes(before + b"more")

    with Client(Addresses(*[service.url] * 4), "t", retries=RetryPolicy(0.0), on_progress=append) as placet:
        service.next = [problem(404, "blob_not_found"), says(201, {})]
        placet.registry.upload(file)
    assert service.asked[1].body == before
