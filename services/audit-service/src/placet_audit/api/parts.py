"""The service's parts, as the endpoints use them."""

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from placet_audit.ports import KeptTexts, SourcesAsked
from placet_audit.queries.views import VIEWS_LAG, ViewsReach, views_lag
from placet_shared.errors import Unavailable
from placet_shared.service.running import Service, service_of
from placet_shared.telemetry.meters import Meters

__all__ = ["AuditService", "audit_of"]

SHOWN_WITHIN_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class AuditService(Service):
    """Adds the sources, which report their heads, the requests that wait for the views, and the texts of the log."""

    heads: SourcesAsked
    views: ViewsReach
    texts: KeptTexts

    async def seen(self, header: str) -> None:
        """Wait until this service's views show what the caller has seen; raises `Unavailable`, and what `SeenGate.wait` raises."""
        await super().seen(header)
        if not await self.views.wait_for_log(SHOWN_WITHIN_SECONDS):
            raise Unavailable("what this service has seen is not shown yet", code="behind")

    def measure(self, meters: Meters) -> None:
        """The lag of the views behind the log, and texts that are not here."""
        meters.asked(VIEWS_LAG, lambda: views_lag(self.pool))
        self.texts.measure(meters)

    def stop_waiting(self) -> None:
        """Answer the requests that wait for views or events."""
        self.views.waiters.stop()
        super().stop_waiting()


def audit_of(request: Request) -> AuditService:
    """The service that handles the request."""
    return cast(AuditService, service_of(request))
