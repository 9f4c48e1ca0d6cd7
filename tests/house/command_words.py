"""Parses command lines with the real parser of `placet`, and runs nothing."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

import typer.main

__all__ = ["all_commands", "find_command", "parse", "placet"]


def placet() -> Any:
    """The command that the script of this name runs, with what other distributions add."""
    [script] = entry_points(group="console_scripts", name="placet")
    return typer.main.get_command(import_module(script.value.partition(":")[0]).application())


def all_commands(command: Any, name: str = "placet") -> Iterator[tuple[str, Any]]:
    """It and every command below it, by the words that call it."""
    yield name, command
    for word, below in getattr(command, "commands", {}).items():
        yield from all_commands(below, f"{name} {word}")


def find_command(command: Any, words: Sequence[str]) -> tuple[Any, Sequence[str]]:
    """The command that these words begin with, and the words that it gets."""
    if words and words[0] in getattr(command, "commands", {}):
        return find_command(command.commands[words[0]], words[1:])
    return command, words


def parse(command: Any, words: Sequence[str], name: str = "placet", parent: Any = None) -> None:
    """Raises what the command would end with before it does anything; callbacks of options are called."""
    with command.make_context(name, list(words), parent=parent) as context:
        if hasattr(command, "commands"):
            word, below, rest = command.resolve_command(context, [*context._protected_args, *context.args])
            parse(below, rest, word, context)
