"""The commands of `placet`: this distribution's own, and those that others add by an entry point.

[project.entry-points."placet.commands"]
cli = "placet.commands.catalogue:COMMANDS"
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import EntryPoint, entry_points

import typer

from placet_client.printing.page import show_warning

__all__ = ["GROUP", "Command", "Panel", "installed_commands"]

GROUP = "placet.commands"


class Panel(StrEnum):
    """The headings of `placet --help`, in their order."""

    START = "Start"
    REGISTER = "What is registered, and what runs where"
    DECIDE = "What the machine and people decide"
    DEPLOY = "For pipelines and auditors"
    OPERATE = "For operators"


@dataclass(frozen=True, slots=True)
class Command:
    """A command or a group of commands. Under its heading, a larger `weight` comes later; `epilog` ends its help."""

    name: str
    action: Callable[..., None] | typer.Typer
    panel: Panel
    weight: int
    epilog: str | None = None


def installed_commands(points: Iterable[EntryPoint] | None = None) -> Iterator[Command]:
    """Those that other distributions add. One that can't be loaded is reported, and does not keep a pipeline from asking the gate."""
    for point in sorted(entry_points(group=GROUP) if points is None else points, key=lambda point: point.name):
        try:
            commands: Sequence[Command] = point.load()
        except Exception as error:
            show_warning(f"placet: the commands of {point.value} can't be loaded: {error!r}")
        else:
            yield from commands
