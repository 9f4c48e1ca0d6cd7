"""Status lines of `placet up`; the programs' own logs go to files."""

import sys
from dataclasses import dataclass, field
from typing import TextIO

from placet_client.printing.terminal import width_of
from placet_client.printing.wrapping import wrapped_message

__all__ = ["Terminal"]

_NAME_WIDTH = 20


@dataclass(slots=True)
class Terminal:
    """Prints status lines; a closed pipe is ignored."""

    out: TextIO = field(default_factory=lambda: sys.stdout)

    def say(self, line: str) -> None:
        try:
            print(self._fitted(line), file=self.out, flush=True)
        except OSError:
            return

    def about(self, name: str, what: str) -> None:
        self.say(f"  {name:<{_NAME_WIDTH}}{what}")

    def _fitted(self, line: str) -> str:
        width = width_of(self.out)
        return line if width is None else "\n".join(wrapped_message(one, width) for one in line.split("\n"))
