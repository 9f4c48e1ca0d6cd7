"""How long a client goes on when a service does not answer or asks for a moment."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

__all__ = ["PATIENCE", "Patience"]


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds in all, and the pauses between attempts: doubled each time up to the longest."""

    seconds: float = 10.0
    first_pause: float = 0.1
    longest_pause: float = 2.0

    def pauses(self) -> Iterator[float]:
        """The next pause each time; ends when patience has run out."""
        until = time.monotonic() + self.seconds
        pause = self.first_pause
        while time.monotonic() + pause < until:
            yield pause
            pause = min(pause * 2, self.longest_pause)


PATIENCE = Patience()


def asked_for(answer: httpx.Response) -> float:
    """Seconds of `Retry-After`; 0 when it names none."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else 0.0
