"""Other distributions add commands; the client's own do not depend on that."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import typer

from command_line import command_line
from placet_client.commands.app import application
from placet_client.commands.extension import GROUP, Command, Panel, installed_commands


def added() -> None:
    """An added command."""
    raise typer.Exit(3)


COMMANDS = (Command("added", added, Panel.START, 10),)


def names(app: typer.Typer) -> list[str]:
    return list(getattr(typer.main.get_command(app), "commands", {}))


def test_client_alone_has_what_a_runner_needs() -> None:
    assert set(names(application(added=()))) == {"login", "logout", "gate", "rollback", "wait", "deploy", "whoami", "status", "explain"}


def test_added_command_runs_and_stands_where_its_weight_says(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    placet = command_line(capsys, monkeypatch, tmp_path, COMMANDS)
    assert placet("added").code == 3
    assert names(application(COMMANDS))[:2] == ["added", "login"]


def test_commands_are_found_by_their_entry_point() -> None:
    point = EntryPoint("these", f"{__name__}:COMMANDS", GROUP)
    assert [command.name for command in installed_commands([point])] == ["added"]


def test_commands_that_can_not_be_loaded_are_told_and_stop_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    broken, sound = EntryPoint("broken", "no_such_module:COMMANDS", GROUP), EntryPoint("sound", f"{__name__}:COMMANDS", GROUP)
    assert [command.name for command in installed_commands([broken, sound])] == ["added"]
    assert "no_such_module:COMMANDS can't be loaded" in capsys.readouterr().err
