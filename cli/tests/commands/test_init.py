"""`placet init` writes what later commands read."""

from pathlib import Path
from typing import Any

import pytest

from placet_client.placet_yaml import find_placet_yaml


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "churn"
    (folder / ".git").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "data/train.csv").write_text("a\n1\n")
    monkeypatch.chdir(folder / "data")
    return folder


def test_file_stands_at_the_root_and_is_read_as_it_was_said(placet: Any, repository: Path) -> None:
    (repository / "churn.onnx").write_bytes(b"")
    ended = placet("init", "-e", "prod", "--trained-by", "Dora: the second", "--data", "train=train.csv")
    assert (ended.code, "Next: placet register," in ended.err) == (0, True)
    said = find_placet_yaml(repository / "data")
    assert said
    assert (said.file.parent, said.model, said.environment, said.artifact) == (repository, "churn", "prod", "churn.onnx")
    assert (said.trained_by, said.data) == (["Dora: the second"], {"train": "data/train.csv"})


def test_artifact_is_not_guessed_among_several(placet: Any, repository: Path) -> None:
    for name in ("a.onnx", "b.onnx"):
        (repository / name).write_bytes(b"")
    placet("init")
    said = find_placet_yaml(repository)
    assert said
    assert said.artifact is None


def test_file_that_exists_stays(placet: Any, repository: Path) -> None:
    (repository / "placet.yaml").write_text("model: mine\n")
    assert placet("init", "other").code == 1
    assert (repository / "placet.yaml").read_text() == "model: mine\n"


def test_nothing_is_written_that_could_not_be_read(placet: Any, repository: Path) -> None:
    ended = placet("init", "--artifact", "/etc/passwd")
    assert (ended.code, "out of the repository" in ended.err) == (2, True)
    assert {file.name for file in repository.iterdir()} == {".git", "data"}


def test_link_that_came_with_the_repository_is_not_written_through(placet: Any, repository: Path, tmp_path: Path) -> None:
    mine = tmp_path / "bashrc"
    mine.write_text("mine")
    (repository / ".placet.yaml.new").symlink_to(mine)
    (repository / "placet.yaml").symlink_to(tmp_path / "not-there-yet")
    assert placet("init").code == 0
    assert (mine.read_text(), {file.name for file in tmp_path.iterdir()} - {"churn"}) == ("mine", {"bashrc"})
    assert find_placet_yaml(repository)


def test_text_of_a_repository_does_not_steer_the_terminal_from_a_usage_error(placet: Any, repository: Path) -> None:
    (repository / "placet.yaml").write_text('model: churn\nartifact: "not\\u001b[2Jthere"\n')
    ended = placet("register")
    assert (ended.code, "is no file" in " ".join(ended.err.replace("│", "").split())) == (2, True)
    assert "\x1b" not in ended.err


def test_word_that_is_a_file_is_no_name_of_a_model(placet: Any, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACET_TOKEN", "placet_" + "t" * 40)
    ended = placet("register", "train.csv")
    assert (ended.code, "placet init" in ended.err) == (2, True)
