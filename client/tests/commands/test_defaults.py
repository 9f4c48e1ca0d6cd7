"""Commands without arguments take them from placet.yaml, and say so."""

import json
from pathlib import Path
from typing import Any

import pytest

DENIED = {"verdict": "deny", "allowed": False, "decided": True}


@pytest.fixture
def here(service: Any, monkeypatch: pytest.MonkeyPatch, placet: Any, says: Any, model: Any, tmp_path: Path) -> Any:
    """In a folder with a placet.yaml, at a service that has seven versions of its model and says no."""
    for name in ("REGISTRY", "APPROVAL"):
        monkeypatch.setenv(f"PLACET_{name}_URL", service.url)
    monkeypatch.setenv("PLACET_TOKEN", "placet_" + "t" * 40)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "placet.yaml").write_text("model: fraud\nenvironment: prod\nplan: nightly\n")
    service.by_path |= {
        "/v1/models/by-name/fraud": lambda _: says(200, {**model, "latest_number": 7}),
        "/v1/gate": lambda _: says(200, DENIED),
    }
    return placet


def asked(service: Any) -> dict[str, str]:
    question = next(one for one in service.asked if one.path == "/v1/gate")
    return {name: value[0] for name, value in question.query.items()} or json.loads(question.body)


def test_question_without_words_is_about_the_newest_version_of_the_file_s_model(here: Any, service: Any) -> None:
    ended = here("gate")
    assert ended.code == 1
    assert asked(service) == {"environment": "prod", "model": "fraud", "number": "7"}
    assert "placet.yaml: environment prod, model fraud, version 7 (the newest)\n" in ended.err


def test_number_alone_is_a_version_of_the_file_s_model(here: Any, service: Any) -> None:
    here("gate", "3")
    assert asked(service) == {"environment": "prod", "model": "fraud", "number": "3"}


def test_argument_wins_over_the_file(here: Any, service: Any) -> None:
    ended = here("gate", "other/2", "-e", "test")
    assert asked(service) == {"environment": "test", "model": "other", "number": "2"}
    assert "placet.yaml" not in ended.err


def test_digest_is_not_mixed_with_the_file_s_model(here: Any, service: Any) -> None:
    here("gate", "--digest", "0" * 64)
    assert asked(service) == {"environment": "prod", "digest": "0" * 64}


def test_file_that_is_wrong_matters_only_to_a_command_that_needs_it(here: Any, tmp_path: Path) -> None:
    (tmp_path / "placet.yaml").write_text("modle: fraud\n")
    assert here("gate").code == 2
    assert here("gate", "fraud/1", "-e", "prod").code == 1


@pytest.mark.parametrize("words", [("gate",), ("wait",), ("deploy",)], ids=" ".join)
def test_without_arguments_and_file_the_advice_is_placet_init(here: Any, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "placet.yaml").unlink()
    ended = here(*words)
    assert ended.code == 2
    assert "placet init" in ended.err
