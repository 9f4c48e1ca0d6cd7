"""The service's parts, as the endpoints use them."""

import asyncio
from dataclasses import dataclass, field
from typing import cast

from starlette.requests import HTTPConnection

from placet_approval.commands.in_office import in_office
from placet_approval.ports import DeliversWebhooks, EverythingArrived, GateCounter, Receivers
from placet_approval.queries.emergencies import measure_emergencies
from placet_approval.queries.gate import Gate
from placet_approval.queries.standing import measure_standing
from placet_approval.queries.waiting import WAITERS, Waiting
from placet_approval.queries.webhook_measures import measure_webhooks
from placet_shared.access import Actor
from placet_shared.event_store import UnitOfWork
from placet_shared.service.running import Service, service_of
from placet_shared.telemetry.meters import Meters
from placet_shared.workers import Loop

__all__ = ["ApprovalService", "approval_of"]

ENDED_WITHIN_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class ApprovalService(Service):
    """Adds the barrier, the waiters for sign-offs and the count of gate answers; `replaying` is held by the one replay that runs."""

    barrier: EverythingArrived
    waiting: Waiting
    gate_count: GateCounter
    invalidator: Loop
    directives: Loop
    receivers: Receivers
    webhooks: DeliversWebhooks
    replaying: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    @property
    def gate(self) -> Gate:
        """May this go to this environment now?"""
        return Gate(self.pool, self.barrier)

    async def end_outdated_sign_offs(self) -> None:
        """Soon: the caller's answer waits for it a moment, not for thousands of them. The gate sees the change by itself, at once."""
        await self.invalidator.done(ENDED_WITHIN_SECONDS)
        self.directives.wake()

    async def acting(self, uow: UnitOfWork) -> Actor:
        """With the rights that the actor still has when the command is written."""
        return await in_office(uow)

    def measure(self, meters: Meters) -> None:
        """The gate's answers, requests that wait for sign-offs, how sign-offs and deployments stand, and deliveries to webhooks."""
        self.gate_count.measure(meters)
        meters.gauge(WAITERS, lambda: [(self.waiting.waiters.count, {})])
        measure_standing(meters, self.pool)
        measure_emergencies(meters, self.pool)
        measure_webhooks(meters, self.pool)
        self.webhooks.measure(meters)

    def stop_waiting(self) -> None:
        """Answer the requests that wait for sign-offs or events."""
        self.waiting.stop()
        super().stop_waiting()


def approval_of(connection: HTTPConnection) -> ApprovalService:
    """The service that handles the request."""
    return cast(ApprovalService, service_of(connection))
