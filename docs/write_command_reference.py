"""Writes the page of every command with its arguments, options and examples, from the command itself; `make docs` runs it."""

import inspect
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer.main
from schema_tables import cell

from placet.commands.catalogue import COMMANDS
from placet_client.codes import EXIT_CODES
from placet_client.commands.app import application

# A default in parentheses is worked out where the command runs, such as a folder.
OF_THIS_MACHINE = re.compile(r"(?: \[|; )default: \([^)]*\)(?=\])")
PAGE = Path(__file__).with_name("command-reference.md")
HEAD = """# Every command

What `--help` says, on one page, made by `make docs` from the command itself. [The `placet` command](command.md) tells what to use when.
"""
EXIT_HEAD = """## Exit codes

`placet gate` and `placet wait` use all of them, other commands 0, 1, 2 and 4; a command that differs says so.

| exit code | what it means |
|---|---|"""


def commands(command: Any, name: str = "placet") -> Iterator[tuple[str, Any]]:
    """All below this one, by the words that call them, a group before its own."""
    for word, below in getattr(command, "commands", {}).items():
        yield f"{name} {word}", below
        yield from commands(below, f"{name} {word}")


def usual(all_commands: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Options that most commands have, as their help has them: they are told once."""
    leaves = {name: command for name, command in all_commands.items() if not hasattr(command, "commands")}
    records = [(option.name, record) for name, command in leaves.items() for option, record in _records(name, command)]
    counted = Counter(records)
    return {name: record for (name, record), count in counted.items() if count > len(leaves) / 2}


def _records(name: str, command: Any) -> Iterator[tuple[Any, tuple[str, str]]]:
    context = command.make_context(name, [], resilient_parsing=True)
    for parameter in command.params:
        if (record := parameter.get_help_record(context)) and "--help" not in parameter.opts:
            yield parameter, (record[0], OF_THIS_MACHINE.sub("", " ".join(record[1].split())))


def section(name: str, command: Any, known: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """One command: usage, what it does, arguments and options, examples."""
    group = hasattr(command, "commands")
    yield f"{'#' * (2 if name.count(' ') == 1 else 3)} `{name}`\n"
    yield f"{_unfolded(command.help or '')}\n"
    if not group:
        records = list(_records(name, command))
        usage = command.context_class(command, info_name=name).command.get_usage(command.context_class(command, info_name=name))
        yield f"```text\n{' '.join(usage.removeprefix('Usage: ').split())}\n```\n"
        own = [record for parameter, record in records if known.get(parameter.name) != record]
        if own:
            yield "| argument or option | |\n|---|---|"
            yield from (f"| `{cell(written)}` | {cell(told)} |" for written, told in own)
            yield ""
        if beside := [known[parameter.name][0] for parameter, record in records if known.get(parameter.name) == record]:
            yield f"And {', '.join(f'`{written}`' for written in beside)}.\n"
    lines = (command.epilog or "").split("\n")[1:]
    if lines and not group:
        yield "```sh\n" + "\n".join(lines) + "\n```\n"


def _unfolded(text: str) -> str:
    """Paragraphs on one line each."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n"))


def page() -> str:
    """Of the whole command, with all that this repository adds to it."""
    all_commands = dict(commands(typer.main.get_command(application(COMMANDS))))
    known = usual(all_commands)
    lines = [HEAD, "## Options of most commands\n", "| option | |\n|---|---|"]
    lines += [f"| `{cell(written)}` | {cell(told)} |" for written, told in known.values()]
    lines += ["", EXIT_HEAD, *(f"| {code.value} | {meaning} {resolve} |" for code, (meaning, resolve) in EXIT_CODES.items()), ""]
    for name, command in all_commands.items():
        lines += section(name, command, known)
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page())
