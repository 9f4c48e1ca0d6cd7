"""What all scenes of the process share: who takes part, what it is about, and how an act is told with the command for it."""

from dataclasses import dataclass
from pathlib import Path

from placet.demo.narration import Narration
from placet.demo.process.cast import Cast
from placet.demo.process.ground import LIVE, MODEL
from placet_client import Addresses
from placet_client.answers.registry import Version

__all__ = ["Telling"]


@dataclass(frozen=True, slots=True)
class Telling:
    """`first` goes into production and loses its yes; `second` is let in at night."""

    narration: Narration
    cast: Cast
    first: Version
    second: Version
    addresses: Addresses
    data_dir: Path

    def name(self, version: Version) -> str:
        """As it is typed."""
        return f"{MODEL}/{version.number}"

    def act(self, line: str, *commands: str) -> None:
        """Who did what, and what a person types for it."""
        self.narration.yes(line)
        for command in commands:
            self.narration.look(command)

    def look(self, command: str) -> None:
        """What shows it."""
        self.narration.look(command)

    def about(self, version: Version) -> str:
        """The version and the environment, as every command takes them."""
        return f"{self.name(version)} -e {LIVE}"
