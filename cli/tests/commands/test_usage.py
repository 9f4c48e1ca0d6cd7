"""What is said when something was typed wrongly, before any service is asked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from placet_client.commands.app import application


def leaves(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with the words that lead to it."""
    subcommands = getattr(command, "commands", None)
    if not subcommands:
        yield words, command
    for name, subcommand in (subcommands or {}).items():
        yield from leaves(subcommand, (*words, name))


COMMANDS = dict(leaves(typer.main.get_command(application())))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_of_every_command_says_what_it_does(placet: Any, words: tuple[str, ...]) -> None:
    shown = placet(*words, "--help")
    assert shown.code == 0
    assert (COMMANDS[words].help or "").split("\n")[0].split()[0] in shown.out


@pytest.mark.parametrize(
    "words",
    [
        words
        for words in COMMANDS
        if words[0] not in ("up", "demo", "init", "rebuild", "explain", "login", "logout", "psql", "logs", "doctor")
        and words not in (("restore", "declare"), ("policies", "examples"), ("policies", "example"))
    ],
    ids=" ".join,
)
def test_every_command_that_asks_a_service_has_a_form_of_output_and_as(words: tuple[str, ...]) -> None:
    options = [option for parameter in COMMANDS[words].params for option in parameter.opts]
    assert set(options) >= {"--json", "--output", "--quiet", "--as"}
    assert len(options) == len(set(options)), "an option of the command has the name of one that all have"


@pytest.mark.parametrize("options", [("--json", "--output", "yaml"), ("--output", "xml")], ids=" ".join)
def test_form_that_is_none_or_one_of_two_is_a_usage_error(placet: Any, options: tuple[str, ...]) -> None:
    ended = placet("models", *options)
    assert (ended.code, ended.out, "--output" in ended.err) == (2, "", True)


@pytest.mark.parametrize(
    "words",
    [
        ("versions", "show", "fraud"),
        ("versions", "list", "fraud", "--digest", "00"),
        ("signoff", "approve", "fraud", "1"),
        ("register", "fraud", "no-such-file"),
        ("register", "fraud", "--metric", "auc"),
        ("register", "fraud", "--metric", "auc=high"),
        ("register", "fraud", "--data", "train"),
        ("register", "fraud", "--data", "train=no-such-file"),
        ("try", "fraud/1", "-e", "prod"),
        ("try", "fraud/1", "-e", "prod", *["--row", "a=1"] * 21),
        ("try", "fraud/1", "-e", "prod", "--row", "age"),
        ("try", "fraud/1", "-e", "prod", "--rows", "no-such-file"),
        ("try", "fraud", "-e", "prod", "--row", "age=1"),
        ("audit", "as-of", "--time", "2026-11-23T14:00:00Z", "--index", "3"),
        ("apply", "-f", "no-such-file"),
        ("psql", "ledger"),
        ("psql", "audit", "--as", "root"),
        ("psql", "registry", "--as", "reader"),
        ("psql",),
        ("models", "--limit", "0"),
        ("models", "tag", "fraud", "team"),
        ("models", "tag", "fraud", "=risk"),
        ("datasets", "add", "no-such-file", "--name", "x", "--role", "test"),
        ("datasets", "add", __file__, "--name", "x", "--role", "test"),
        ("datasets", "add", __file__, "--name", "x", "--role", "holdout", "--format", "csv"),
        ("datasets", "add", __file__, "--name", "x", "--role", "test", "--format", "csv", "--period-from", "2026-01-01"),
        ("datasets", "add", __file__, "--name", "x", "--role", "test", "--format", "csv", "--delimiter", "||"),
    ],
    ids=" ".join,
)
def test_usage_error_ends_with_2_on_standard_error(placet: Any, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    monkeypatch.setenv("PLACET_TOKEN", "placet_" + "t" * 40)
    ended = placet(*words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err


def test_address_that_is_none_is_a_usage_error_that_names_the_variable(placet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACET_REGISTRY_URL", "registry")
    ended = placet("models")
    assert ended.code == 2
    assert "PLACET_REGISTRY_URL" in ended.err


@pytest.fixture
def document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PLACET_TOKEN", "placet_" + "t" * 40)

    def write(text: str) -> Path:
        file = tmp_path / "document.yaml"
        file.write_text(text)
        return file

    return write


def test_document_without_a_kind_is_told_both_kinds(placet: Any, document: Any) -> None:
    ended = placet("apply", "-f", document("environment: prod\n"))
    assert ended.code == 1
    assert "`kind: Policy`, `kind: Floor`, `kind: Plan` or `kind: AccessPolicy`" in ended.err


def test_several_documents_are_refused_with_advice(placet: Any, document: Any) -> None:
    ended = placet("apply", "-f", document("kind: Policy\n---\nkind: Plan\n"))
    assert ended.code == 1
    assert "file of its own" in ended.err


def test_document_that_is_no_yaml_is_shown_with_its_line(placet: Any, document: Any) -> None:
    ended = placet("apply", "-f", document("kind: Policy\nmode: [prevent\nenvironment: prod\n"))
    assert ended.code == 1
    assert "3 | environment: prod" in ended.err
