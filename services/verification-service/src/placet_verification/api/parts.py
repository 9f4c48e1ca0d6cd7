"""What the endpoints reach: the service's parts, and who may do what."""

from typing import Protocol, cast

import asyncpg
from fastapi import Request

from placet_shared.access import Roles
from placet_shared.bus.watcher import StoreWatcher
from placet_shared.service.services import Services
from placet_verification.ports import Registry

__all__ = ["PLANNERS", "REQUESTERS", "VerificationServices", "verification_of"]

PLANNERS = frozenset({Roles.ADMIN})
REQUESTERS = frozenset({Roles.DEVELOPER, Roles.PIPELINE, Roles.ADMIN})


class VerificationServices(Services, Protocol):
    """The parts of verification-service that its endpoints use."""

    @property
    def pool(self) -> asyncpg.Pool:
        """The read side."""

    @property
    def registry(self) -> Registry:
        """The register of models."""

    @property
    def watcher(self) -> StoreWatcher:
        """Wakes whoever waits for a run's end."""


def verification_of(request: Request) -> VerificationServices:
    """The running service's parts."""
    return cast(VerificationServices, request.app.state.placet)
