"""The history of an attack, for judging: requests and answers, what readers saw meanwhile, and the logs at the end."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import msgspec

__all__ = ["Audited", "History", "Logged", "Operation", "Place", "Restored", "Seen"]


class Place(msgspec.Struct, frozen=True, order=True):
    """A position of a source, as `Placet-Position` names it."""

    source: str
    epoch: int
    position: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `registry:1:123` and ignore what follows: the judge finds the event's id in the log."""
        source, epoch, position, *_ = text.split(":")
        return cls(source, int(epoch), int(position))


class Operation(msgspec.Struct, frozen=True):
    """One request. Times are nanoseconds of one clock that all clients share; without an answer its effect is not known.

    `about` has what the request or its answer names: digest, version_id, sign_off_id, environment, trained_by.
    """

    number: int
    who: str
    what: str
    correlation: str
    asked: int
    answered: int | None = None
    status: int | None = None
    place: Place | None = None
    key: str | None = None
    replayed: bool = False
    allowed: bool = False
    about: Mapping[str, str] = msgspec.field(default_factory=dict)

    @property
    def is_acknowledged(self) -> bool:
        """Whether the answer said that it was done."""
        return self.answered is not None and self.status is not None and 200 <= self.status < 300

    def is_known_before(self, other: "Operation") -> bool:
        """Whether this was answered before the other was asked: then everything must be as if it had happened before."""
        return self.answered is not None and self.answered < other.asked

    def __str__(self) -> str:
        named = " ".join(f"{name}={value[:12]}" for name, value in self.about.items())
        return f"#{self.number} {self.what} by {self.who} {named} → {self.status} at {self.place}"


class Logged(msgspec.Struct, frozen=True):
    """An event of a source's log at the end."""

    source: str
    epoch: int
    position: int
    id: str
    prev: str | None
    stream: str
    version: int | None
    type: str
    correlation: str
    recorded_at: str
    data: Mapping[str, Any] = msgspec.field(default_factory=dict)


class Audited(msgspec.Struct, frozen=True):
    """An entry of the audit log at the end."""

    source: str
    epoch: int
    position: int
    id: str


class Seen(msgspec.Struct, frozen=True):
    """An event as a follower of a feed received it during the attack."""

    by: str
    source: str
    epoch: int
    position: int
    id: str


class Restored(msgspec.Struct, frozen=True):
    """A source was restored from a copy: what it had answered beyond `kept` is lost, and the restore was announced."""

    source: str
    kept: int
    at: int


class History(msgspec.Struct, frozen=True):
    """All of it; `log` and `audited` are in the order in which they are kept."""

    seed: int
    operations: Sequence[Operation]
    log: Mapping[str, Sequence[Logged]]
    audited: Sequence[Audited]
    seen: Sequence[Seen] = ()
    restored: Sequence[Restored] = ()

    def was_lost_in_a_restore(self, operation: Operation) -> bool:
        """Whether a restore may have lost its effect."""
        place, answered = operation.place, operation.answered
        return any(
            place is not None and answered is not None and one.source == place.source and place.position > one.kept and answered < one.at
            for one in self.restored
        )

    def write(self, file: Path) -> None:
        """As JSON, so that it can be judged again."""
        file.write_bytes(msgspec.json.encode(self))

    @classmethod
    def read(cls, file: Path) -> Self:
        """What `write` wrote."""
        return msgspec.json.decode(file.read_bytes(), type=cls)
