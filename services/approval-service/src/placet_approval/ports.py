"""Ports: the barrier, the audit log, the count of gate answers and that of possible signers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from placet_approval.domain.quorum_while_absent import Signers
from placet_shared.event_store import Position
from placet_shared.telemetry.meters import Meters

__all__ = ["EverythingArrived", "FindSigners", "GateCounter", "LogAsked", "LostEvent", "Reads"]


class EverythingArrived(Protocol):
    """The barrier before a yes."""

    async def heads(self) -> Mapping[str, Position] | None:
        """How far each source is, asked after this call; None when that is not enough to decide on: then `wait`.

        A snapshot whose marks are exactly these heads has all that was committed anywhere before this call.
        """

    async def wait(self, since: float | None = None) -> Mapping[str, Position]:
        """Returns when all that was committed anywhere before this call has had its effect here; raises `NotPassed`.

        `since`: when the request arrived, by the event loop's clock, if that was before this call.
        """


@dataclass(frozen=True, slots=True)
class LostEvent:
    """An event of this service that it lost in a restore, as the audit log has it."""

    event_id: str
    epoch: int
    position: int
    type: str
    subject: str
    actor: str
    recorded_at: datetime
    data: Mapping[str, Any]


class GateCounter(Protocol):
    """Counts the gate's answers."""

    def decided(self, verdict: str) -> None:
        """One more decision for the record."""

    def count(self, actor: str, environment: str | None, verdict: str) -> None:
        """One more question that leaves no record of its own; no environment for an unknown name."""

    def measure(self, meters: Meters) -> None:
        """Export the count as a metric."""


class LogAsked(Protocol):
    """The audit log, asked for what this service has lost."""

    async def lost_events(self) -> Sequence[LostEvent]:
        """All that the log has of branches that are lost; raises `Unavailable`."""


class Reads(Protocol):
    """Rows of the own read model: a pool, or a command's unit of work."""

    async def fetch(self, sql: str, *args: Any) -> list[Any]:
        """All rows."""


class FindSigners(Protocol):
    """Counts the people who could sign, and those of them who are there."""

    async def __call__(self, reads: Reads, roles: Collection[str], environment: str, without: Collection[str] = ()) -> Signers:
        """As of now; `without` are people who can't sign, and in whose place no other person does."""
