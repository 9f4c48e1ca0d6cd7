"""`placet.yaml` comes with a repository: what it may say, where it is found, and what it can't bring about."""

from pathlib import Path

import pytest

from placet_client import ClientError
from placet_client.one_line_yaml import entries, written
from placet_client.placet_yaml import find_placet_yaml
from placet_shared.strict_yaml import parse_document

WHOLE = """\
# a comment

model: churn
environment: test  # the next one
artifact: models/churn.onnx
trained_by: [alice, "Dora: the second"]
prepared_by: []
nothing: {} # []
data: {train: data/train.csv, test: "data/a, b.csv"}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "repository/.git").mkdir(parents=True)
    (tmp_path / "repository/src/deep").mkdir(parents=True)
    return tmp_path / "repository"


def refusal(repository: Path, text: str) -> str:
    (repository / "placet.yaml").write_text(text)
    with pytest.raises(ClientError) as caught:
        find_placet_yaml(repository)
    return str(caught.value)


def test_what_is_read_is_what_a_yaml_library_reads() -> None:
    assert {name: entry.value for name, entry in entries(WHOLE).items()} == parse_document(WHOLE).data


@pytest.mark.parametrize(
    "value", ["plain", "a b", "1", "1e3", "true", "NULL", "a: b", "a #b", 'say "a"', "Größe", "", " x", "-x", ["a,b", "null"], {"a": "]"}]
)
def test_what_is_written_reads_as_the_same_here_and_with_a_yaml_library(value: str | list[str] | dict[str, str]) -> None:
    text = f"name: {written(value)}\n"
    assert entries(text)["name"].value == value == parse_document(text).data["name"]


@pytest.mark.parametrize(
    "line",
    [
        "model: 3",
        "model: true",
        "model:",
        "model:churn",
        "model: a: b",
        "model: 'a'",
        "model: |",
        "- a",
        "  a: b",
        "model: &a b",
        'model: "a\\x41"',
        "a: [b",
        "a: {b: c, b: d}",
    ],
)
def test_line_that_could_mean_something_else_is_refused_with_its_number(repository: Path, line: str) -> None:
    assert "line 2: " in refusal(repository, f"environment: test\n{line}\n")


def test_unknown_field_is_answered_with_the_one_that_was_meant(repository: Path) -> None:
    assert "line 2: unknown field `modle`, did you mean `model`?" in refusal(repository, "environment: test\nmodle: churn\n")


@pytest.mark.parametrize("name", ["url", "approval_url", "host", "token", "password"])
def test_no_address_and_no_secret_is_taken_from_a_repository(repository: Path, name: str) -> None:
    assert "placet login" in refusal(repository, f"{name}: x\n")


def test_token_in_any_field_is_refused_and_not_repeated(repository: Path) -> None:
    told = refusal(repository, f"model: placet_{'t' * 40}\n")
    assert "holds a token" in told
    assert "tttt" not in told


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside", "a/../../outside", "link/passwd"])
@pytest.mark.parametrize("field", ["artifact: {}", "data: {{train: {}}}"])
def test_path_does_not_lead_out_of_the_repository(repository: Path, field: str, path: str) -> None:
    (repository / "link").symlink_to("/etc")
    assert "out of the repository" in refusal(repository, field.format(path) + "\n")


def test_nearest_file_up_to_the_root_of_the_repository_is_taken(repository: Path) -> None:
    (repository.parent / "placet.yaml").write_text("model: outside\n")
    assert find_placet_yaml(repository / "src/deep") is None
    (repository / "placet.yaml").write_text(WHOLE.replace("nothing: {} # []\n", ""))
    found = find_placet_yaml(repository / "src/deep")
    assert found
    assert (found.model, found.artifact_path, found.trained_by) == (
        "churn",
        repository / "models/churn.onnx",
        ["alice", "Dora: the second"],
    )
    (repository / "src/placet.yaml").write_text("model: inner\n")
    inner = find_placet_yaml(repository / "src/deep")
    assert inner
    assert inner.model == "inner"


def test_outside_of_a_repository_only_the_current_folder_counts(tmp_path: Path) -> None:
    (tmp_path / "placet.yaml").write_text("model: here\n")
    (tmp_path / "below").mkdir()
    assert find_placet_yaml(tmp_path)
    assert find_placet_yaml(tmp_path / "below") is None


def test_link_to_a_file_outside_of_the_repository_is_not_read(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "settings").write_text("secret_of_mine: 1\n")
    (repository / "placet.yaml").symlink_to(tmp_path / "settings")
    with pytest.raises(ClientError, match="out of the repository") as caught:
        find_placet_yaml(repository / "src")
    assert "secret_of_mine" not in str(caught.value)


def test_link_within_the_repository_is_followed(repository: Path) -> None:
    (repository / "src/churn.yaml").write_text("model: churn\n")
    (repository / "placet.yaml").symlink_to("src/churn.yaml")
    found = find_placet_yaml(repository)
    assert found
    assert (found.model, found.file.parent) == ("churn", repository)


def test_no_more_is_read_than_a_file_may_have(repository: Path) -> None:
    with (repository / "placet.yaml").open("wb") as opened:
        opened.truncate(1 << 40)  # a sparse file, larger than any memory
    with pytest.raises(ClientError, match="at most 64 KiB"):
        find_placet_yaml(repository)
