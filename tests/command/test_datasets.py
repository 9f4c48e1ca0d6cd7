"""Data sets by the command, against real services."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.postgres

CONTENT = b"age,label\n31,0\n44,1\n"


@pytest.fixture
def add(installation: Any, tmp_path: Path) -> Any:
    """`placet datasets add`; what it tells."""

    def add_file(name: str, content: bytes, *words: str, who: str = "alice", file: str = "data.csv") -> Any:
        (tmp_path / file).write_bytes(content)
        return installation.placet(who, "datasets", "add", tmp_path / file, "--name", name, "--role", "test", "--json", *words)

    return add_file


def test_file_is_added_listed_and_shown(installation: Any, add: Any) -> None:
    answer = add("shown-test", CONTENT, "--period-from", "2026-01-01", "--period-to", "2026-03-31")
    assert answer.returncode == 0, answer.stderr
    added = json.loads(answer.stdout)
    assert (added["number"], added["sha256"]) == (1, hashlib.sha256(CONTENT).hexdigest())
    shown = installation.placet("bob", "datasets", "show", "shown-test").stdout
    for text in ("shown-test 1", "alice", "age", "number", "2026-01-01 to 2026-03-31", added["sha256"]):
        assert text in shown
    assert "shown-test" in installation.placet("bob", "datasets", "--role", "test", "--name", "shown").stdout
    assert "shown-test" not in installation.placet("bob", "datasets", "list", "--role", "train").stdout


def test_same_file_again_changes_nothing_and_another_is_the_next_version(installation: Any, add: Any) -> None:
    numbers = [json.loads(add("again-test", content).stdout)["number"] for content in (CONTENT, CONTENT, CONTENT + b"50,1\n", CONTENT)]
    assert numbers == [1, 1, 2, 1]
    versions = json.loads(installation.placet("bob", "datasets", "show", "again-test", "--json").stdout)["items"]
    assert [(version["number"], version["rows"]) for version in versions] == [(2, 3), (1, 2)]


def test_name_of_another_person_is_refused_and_an_admin_may(installation: Any, add: Any) -> None:
    owner = json.loads(add("theirs", CONTENT, who="dora").stdout)["owner"]
    refused = add("theirs", b"x\n1\n")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert owner in refused.stderr
    assert json.loads(add("of-alice", CONTENT, "--owner", "alice", who="dora").stdout)["number"] == 1
    assert json.loads(add("of-alice", b"x\n1\n").stdout)["number"] == 2
    assert json.loads(add("of-alice", b"x\n2\n", who="dora").stdout)["number"] == 3


def test_parquet_and_files_of_other_names_are_added_by_their_format(installation: Any, add: Any) -> None:
    assert add("parquet-test", b"PAR1", file="data.parquet").returncode == 0
    assert add("text-test", CONTENT, file="data.txt").returncode == 2
    assert add("text-test", CONTENT.replace(b",", b";"), "--format", "csv", "--delimiter", ";", file="data.txt").returncode == 0
    items = json.loads(installation.placet("bob", "datasets", "--name", "-test", "--json").stdout)["items"]
    known = {item["name"]: (item["format"], item["rows"]) for item in items}
    assert (known["parquet-test"], known["text-test"]) == (("parquet", None), ("csv", 2))


def test_data_set_that_does_not_exist_is_said(installation: Any) -> None:
    answer = installation.placet("bob", "datasets", "show", "none")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "no data set none" in answer.stderr
