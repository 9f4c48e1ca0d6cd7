"""Examples at the end of `--help`: each line can be typed as it stands, with names of one's own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import typer

from placet_client.commands.extension import Command

__all__ = ["OF_PLACET", "OWN_EXAMPLES", "epilog", "with_examples"]

Examples = Mapping[str, Sequence[str]]

OF_PLACET = (
    "placet status",
    "placet register churn churn.onnx --trained-by alice --as alice",
    "placet gate churn/1 -e prod --as ci",
)
OWN_EXAMPLES: Examples = {
    "login": ("placet login", "placet login --approval https://approval.example.org --profile staging"),
    "logout": ("placet logout", "placet logout --profile staging"),
    "whoami": ("placet whoami", "placet whoami --as alice"),
    "status": ("placet status", "placet status --json"),
    "explain": ("placet explain gate.awaiting_signatures", "placet explain token_invalid", "placet explain run"),
    "deploy": (
        "placet deploy churn/1 -e test",
        'placet deploy churn/1 -e prod --digest "$(sha256sum churn.onnx | cut -c-64)"',
        "placet deploy --release 2026-12 -e prod",
    ),
    "wait": ("placet wait churn/1 -e prod", "placet wait churn/1 -e prod --timeout 7200", "placet wait --release 2026-12 -e prod"),
    "gate": (
        "placet gate churn/1 -e prod",
        "placet gate churn/1 -e prod --record --strict",
        "placet gate show 01a2208a-b460-7534-8680-090aeef52d35",
    ),
    "rollback": (
        "placet rollback churn -e prod",
        "placet rollback churn -e prod --dry-run",
        "placet rollback --release 2026-12 -e prod",
    ),
    "gate ask": ("placet gate churn/1 -e prod", "placet gate churn/1 -e prod --record --strict"),
    "gate show": ("placet gate show 01a2208a-b460-7534-8680-090aeef52d35",),
}


def with_examples(commands: Iterable[Command], examples: Examples) -> Iterator[Command]:
    """The same commands, each with the examples of `name` or, below a group, of `group name`."""
    for command in commands:
        if isinstance(command.action, typer.Typer):
            command.action.info.epilog = epilog(examples.get(command.name, ()))
            for below in command.action.registered_commands:
                below.epilog = epilog(examples.get(f"{command.name} {below.name}", ()))
        yield replace(command, epilog=epilog(examples.get(command.name, ())))


def epilog(lines: Sequence[str]) -> str | None:
    """A heading and a line for each; help keeps the line ends."""
    return "\n".join(["Example:" if len(lines) == 1 else "Examples:", *lines]) if lines else None
