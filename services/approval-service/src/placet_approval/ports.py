"""Ports: the barrier, the audit log, the count of gate answers, possible signers, receivers of webhooks, and mail."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from placet_approval.domain.quorum_while_absent import Signers
from placet_approval.domain.step_progress import StepState
from placet_approval.domain.waiting_mail import WaitingMail
from placet_approval.domain.webhook_address import WebhookAddress
from placet_approval.domain.webhook_retries import Attempted
from placet_shared.event_store import Position
from placet_shared.telemetry.meters import Meters
from placet_shared.workers import Loop

__all__ = [
    "DeliversWebhooks",
    "EverythingArrived",
    "FindSigners",
    "FindSteps",
    "GateCounter",
    "LogAsked",
    "LostEvent",
    "Mail",
    "MailRefused",
    "Reads",
    "Receiver",
    "Receivers",
]


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


class FindSteps(Protocol):
    """How far a version has come in the steps of an environment's policy."""

    async def __call__(self, reads: Reads, version_id: str, environment: str) -> Sequence[StepState]:
        """As this service knows it; none where the policy has none."""


class Receiver(Protocol):
    """One receiver of webhooks, at one address of the network."""

    async def send(self, headers: Mapping[str, str], body: bytes) -> Attempted:
        """Post to it; what goes wrong stands in the result. Ends within some seconds, whatever the receiver does."""


class Receivers(Protocol):
    """The receivers of webhooks, wherever in the network they may be reached."""

    async def require_reachable(self, address: WebhookAddress) -> None:
        """Raises `Invalid` when the host has no address, or one that may not be reached."""

    def connected(self, address: WebhookAddress) -> AbstractAsyncContextManager[Receiver]:
        """A receiver whose host is resolved at the first attempt and stays at that address in the block."""


class DeliversWebhooks(Protocol):
    """Queues and sends what webhooks ask for, in the background."""

    @property
    def loop(self) -> Loop:
        """Wake it when there may be something new."""

    async def stop(self) -> None:
        """Cut off what is under way; it is sent again."""

    async def forget(self) -> None:
        """Delete what is older than the queue keeps."""

    def measure(self, meters: Meters) -> None:
        """Export what became of attempts."""


class MailRefused(Exception):
    """The mail server takes no mail for this receiver; it may for others."""


class Mail(Protocol):
    """Sends mail to people."""

    async def send(self, to: str, mail: WaitingMail) -> None:
        """Returns when the mail server has it; raises `MailRefused`, or `Unavailable` when the server can't be used."""
