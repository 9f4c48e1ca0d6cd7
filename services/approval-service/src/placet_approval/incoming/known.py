"""Consumers of registry's and verification's events; an event that can't be applied is parked with its subjects.

Subjects are named with their kind (`model:…`, `plan:…`, `environment:…`). A parked plan denies what it selects (rule 35); while an event
about anything else but a model is parked the gate denies all.
"""

from collections.abc import Callable, Iterator, Sequence

import asyncpg

from placet_approval.domain.parked_plans import PLAN
from placet_approval.projections.known import registry_rows, verification_rows, write_rows
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.ports import Source
from placet_shared.event_store import RecordedEvent, Statement

__all__ = ["FromRegistry", "FromVerification"]

FORGET_REGISTRY = """
    delete from known_models; delete from known_versions; delete from known_involvements; delete from known_environments;
    delete from known_deployments; delete from known_training_data; delete from known_deployment_reports
"""
FORGET_VERIFICATION = "delete from known_plans; delete from known_runs; delete from known_run_places"
NOT_ABOUT_MODELS = frozenset({"EnvironmentDefined", "BlobStored", "ActionRefused", "ReadsCounted", "TextErased"})
ABOUT_PLANS = frozenset({"PlanPublished", "PlanRevised", "PlanWithdrawn"})
# No decision depends on these: a parked one denies nothing, and nothing queues behind it.
WITHOUT_CONCERN = frozenset({"DataSetRegistered"})


class _Known:
    """The common part of both consumers, which take a page at a time while nothing is parked."""

    forget: str
    rows_of: Callable[[RecordedEvent], Iterator[Statement]]

    async def apply(self, connection: asyncpg.Connection, event: RecordedEvent) -> None:
        """One event's rows."""
        await self.apply_page(connection, [event])

    async def apply_page(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        """All their rows, in a call for each table."""
        await write_rows(connection, (statement for event in events for statement in self.rows_of(event)))

    def subjects(self, event: RecordedEvent) -> Sequence[str]:
        """The model, the plan, or the other subject of the event; none where no decision depends on it."""
        if event.type in WITHOUT_CONCERN:
            return []
        if event.type in ABOUT_PLANS:
            return [f"{PLAN}{event.fields.get('plan_id', event.subject)}"]
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
    rows_of = staticmethod(registry_rows)


class FromVerification(_Known):
    """Plans, and runs that ended."""

    forget = FORGET_VERIFICATION
    rows_of = staticmethod(verification_rows)
