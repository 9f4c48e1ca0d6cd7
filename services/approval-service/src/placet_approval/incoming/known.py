"""Consumers of registry's and verification's events; an event that can't be applied is parked with its subjects.

Subjects are named with their kind (`model:…`, `environment:…`): while an event about anything but a model is parked the gate denies all.
"""

from collections.abc import Sequence

import asyncpg

from placet_approval.projections.known import apply_registry_event, apply_verification_event
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.ports import Source
from placet_shared.event_store import RecordedEvent

__all__ = ["FromRegistry", "FromVerification"]

FORGET_REGISTRY = """
    delete from known_models; delete from known_versions; delete from known_involvements; delete from known_environments
"""
FORGET_VERIFICATION = "delete from known_plans; delete from known_runs"
NOT_ABOUT_MODELS = frozenset(
    {"EnvironmentDefined", "BlobStored", "PlanPublished", "PlanRevised", "ActionRefused", "ReadsCounted", "TextErased"}
)


class _Known:
    """The common part of both consumers."""

    forget: str

    def subjects(self, event: RecordedEvent) -> Sequence[str]:
        """The model, or the other subject of the event."""
        kind = event.type if event.type in NOT_ABOUT_MODELS else "model"
        return [f"{kind}:{event.subject}"]

    def never_parks(self, event: RecordedEvent) -> bool:
        """Erasures: nothing that is known of the sources' subjects changes with them."""
        return event.type == "TextErased"

    async def reset(self, connection: asyncpg.Connection, source: Source) -> Cursor:
        """The source was restored: delete all that came from it, until it has been read again."""
        await connection.execute(self.forget)
        return Cursor()


class FromRegistry(_Known):
    """Models, versions, environments."""

    forget = FORGET_REGISTRY

    async def apply(self, connection: asyncpg.Connection, event: RecordedEvent) -> None:
        """One event's rows."""
        await apply_registry_event(connection, event)


class FromVerification(_Known):
    """Runs that ended."""

    forget = FORGET_VERIFICATION

    async def apply(self, connection: asyncpg.Connection, event: RecordedEvent) -> None:
        """One event's rows."""
        await apply_verification_event(connection, event)
