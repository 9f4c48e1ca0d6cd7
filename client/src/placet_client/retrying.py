"""The retry policy for a service that does not answer or answers 503."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["RetryPolicy"]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Seconds in all, and the pauses between attempts: doubled each time up to the longest. No seconds: one attempt."""

    seconds: float = 10.0
    first_pause: float = 0.1
    longest_pause: float = 2.0

    def pauses(self) -> Iterator[float]:
        """The next pause each time; ends when the seconds are over."""
        until = time.monotonic() + self.seconds
        pause = self.first_pause
        while time.monotonic() + pause < until:
            yield pause
            pause = min(pause * 2, self.longest_pause)
