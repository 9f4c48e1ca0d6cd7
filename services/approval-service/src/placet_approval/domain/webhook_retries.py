"""What becomes of a delivery after an attempt: done, tried again and when, or parked until a person has it sent again."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

__all__ = ["PAUSES", "Attempted", "Outcome", "outcome"]

# After the first attempt, the second …; after the last of them it is parked, a day after the first attempt.
PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
)
GONE = 410
# The receiver is busy or not yet ready: what it says of one message it would say of each.
BUSY = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Attempted:
    """`status` of the receiver's answer; None with an `error` when there was none. `response` is the beginning of its body."""

    status: int | None
    error: str | None
    milliseconds: int
    response: str = ""

    @property
    def is_delivered(self) -> bool:
        """The receiver has it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """The receiver wants no more, now or ever."""
        return self.status == GONE


@dataclass(frozen=True, slots=True)
class Outcome:
    """`holds`: later deliveries to the webhook wait for this one."""

    state: Literal["pending", "delivered", "parked"]
    holds: bool = True
    pause: timedelta = timedelta()


def outcome(attempted: Attempted, attempts: int, held: bool) -> Outcome:
    """After so many attempts with this one; `held` is whether later deliveries have waited for it so far.

    A receiver that is away or busy holds up what is meant for it, so that all of it comes in order. A message that it refuses (4xx)
    holds up no other: it would be refused again.
    """
    if attempted.is_delivered:
        return Outcome("delivered")
    if attempted.is_gone or attempts > len(PAUSES):
        return Outcome("parked")
    refused = attempted.status is not None and 400 <= attempted.status < 500 and attempted.status not in BUSY
    return Outcome("pending", held and not refused, PAUSES[attempts - 1])
