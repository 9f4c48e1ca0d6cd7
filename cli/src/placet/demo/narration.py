"""Prints the story: numbered scenes, what happened, and commands that show it."""

import re

from rich.console import Console
from rich.text import Text

from placet_client.printing.terminal import width_of
from placet_client.printing.wrapping import wrapped_message

__all__ = ["Narration", "continued"]

PROMPT = "     $ "
CONTINUED = len("   \\")
# An option stays with its value.
WORD = re.compile(r"""(?:--?[a-z-]+ )?(?:"[^"]*"|'[^']*'|\S)+""")


class Narration:
    """Prints; nothing is decided here."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, emoji=False, markup=False)
        self._step = 0

    def step(self, title: str, shows: str) -> None:
        """A new scene, and what it shows."""
        self._step += 1
        self.console.print(Text(f"\n{self._step}. {title}", style="bold cyan"))
        self._print(f"   {shows}", "dim")

    def happened(self, line: str, style: str = "") -> None:
        """An act that was done."""
        self._print(f"   • {line}", style)

    def yes(self, line: str) -> None:
        """An act that was allowed."""
        self.happened(line, "green")

    def no(self, line: str, advice: str | None = None) -> None:
        """An act that was refused, with the advice of the refusal."""
        self.happened(line, "red")
        if advice:
            self._print(f"     → {advice}", "yellow")

    def look(self, command: str) -> None:
        """The command that shows it."""
        width = width_of(self.console.file)
        lines = [command] if width is None else continued(command, width - len(PROMPT))
        self.console.print(Text(PROMPT + f" \\\n{' ' * len(PROMPT)}  ".join(lines), style="dim"), soft_wrap=True)

    def _print(self, line: str, style: str) -> None:
        width = width_of(self.console.file)
        self.console.print(Text(line if width is None else wrapped_message(line, width), style=style), soft_wrap=True)


def continued(command: str, width: int) -> list[str]:
    """The lines of a command that a shell reads as one when each but the last ends with a backslash; no quoted text is broken."""
    lines: list[str] = []
    for word in WORD.findall(command):
        if lines and len(lines[-1]) + 1 + len(word) + CONTINUED <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
