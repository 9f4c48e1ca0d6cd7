"""The service's parts, as the endpoints use them."""

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from placet_shared.bus.watcher import StoreWatcher
from placet_shared.service.running import Service, service_of
from placet_shared.telemetry.meters import Meters
from placet_verification.ports import Registry
from placet_verification.queries.jobs import ATTEMPTS, JOBS, job_attempts, job_counts

__all__ = ["VerificationService", "verification_of"]


@dataclass(frozen=True, kw_only=True)
class VerificationService(Service):
    """Adds the registry of models."""

    registry: Registry

    @property
    def watcher(self) -> StoreWatcher:
        """Wakes requests that wait for a run's end."""
        return self.feed.watcher

    def measure(self, meters: Meters) -> None:
        """Jobs by state, and their attempts."""
        meters.asked(JOBS, lambda: job_counts(self.pool))
        meters.asked(ATTEMPTS, lambda: job_attempts(self.pool))


def verification_of(request: Request) -> VerificationService:
    """The service that handles the request."""
    return cast(VerificationService, service_of(request))
