"""What is said when something was typed wrongly, before any service is asked."""

from importlib.metadata import version
from typing import Any

import pytest


@pytest.mark.parametrize(
    "words",
    [
        ("no-such-command",),
        ("gate", "--environment", "prod"),
        ("gate", "fraud", "--environment", "prod"),
        ("gate", "fraud", "1"),
        ("wait", "fraud", "--environment", "prod"),
        ("wait", "fraud/1"),
        ("deploy", "--environment", "prod"),
        ("status", "fraud"),
    ],
    ids=" ".join,
)
def test_usage_error_ends_with_2_on_standard_error(placet: Any, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    monkeypatch.setenv("PLACET_TOKEN", "placet_" + "t" * 40)
    ended = placet(*words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err


@pytest.mark.parametrize(
    ("words", "meant"), [(("whoamy",), "whoami"), (("gate", "fraud/1", "--enviroment", "prod"), "--environment")], ids=["command", "option"]
)
def test_mistyped_word_is_answered_with_the_one_that_was_meant(placet: Any, words: tuple[str, ...], meant: str) -> None:
    ended = placet(*words)
    assert (ended.code, meant in ended.err) == (2, True)


@pytest.mark.parametrize("words", [("gate", "\udce9/1", "-e", "prod"), ("gate", "fraud/1", "-e", "\udce9")], ids=repr)
def test_word_that_is_no_text_is_a_usage_error(placet: Any, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    monkeypatch.setenv("PLACET_TOKEN", "placet_" + "t" * 40)
    ended = placet(*words)
    assert (ended.code, "no UTF-8" in ended.err) == (2, True)


def test_version_is_that_of_the_distribution(placet: Any) -> None:
    ended = placet("--version")
    assert (ended.code, ended.out) == (0, f"placet {version('placet-client')}\n")


@pytest.mark.parametrize("words", [("whoami",), ("gate", "fraud/1", "-e", "prod"), ("wait", "fraud/1", "-e", "prod")], ids=" ".join)
def test_missing_token_is_a_usage_error_with_advice(placet: Any, words: tuple[str, ...]) -> None:
    ended = placet(*words)
    assert ended.code == 2
    assert "--as NAME" in ended.err


def test_address_that_is_none_is_a_usage_error_that_names_the_variable(placet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACET_APPROVAL_URL", "registry://bob:secret@x")
    ended = placet("whoami")
    assert ended.code == 2
    assert "PLACET_APPROVAL_URL" in ended.err
    assert "secret" not in ended.err
