"""Issues directives for what runs without a yes and closes those that facts resolved; one process at a time.

It looks at all that runs when it begins, after a policy, and every five minutes; in between at the models about which something was
recorded since, along indexes, so that a look costs what happened and not what there is. What a look missed, the next full one finds.
"""

from datetime import datetime, timedelta

from placet_approval.commands.issue_directive import keep_directives
from placet_shared.event_store import EventStore
from placet_shared.workers import Leading, Loop

__all__ = ["DirectiveKeeper"]

LOOK_EVERY_SECONDS = 10.0
LOOK_AT_ALL_EVERY = timedelta(minutes=5)
# An event of registry arrives later than it was recorded, and clocks differ.
MARGIN = timedelta(minutes=1)

NOW = "select coalesce((select position from events order by position desc limit 1), 0) as position, clock_timestamp() as at"
POLICIES = """
    select exists (
        select from events
        where position > $1 and position <= $2 and type in ('PolicyDefined', 'FloorDefined', 'PolicyWithdrawn'))
"""
MODELS = """
    select subject as model_id from events
    where position > $1 and position <= $2 and type in ('SignOffRevoked', 'SignOffInvalidated', 'SignOffSuspended', 'BreakGlassClosed')
    union select v.model_id from standing_noes n join known_versions v on v.artifact_sha256 = n.artifact_sha256 where n.said_at > $3
    union select model_id from sign_offs where state = 'approved' and expires_at > $3 and expires_at <= statement_timestamp()
    union select model_id from break_glasses where ends_at > $3 and ends_at <= statement_timestamp()
    union select model_id from known_deployments where reported_at > $3
"""


class DirectiveKeeper:
    """Remembers up to where it has looked; a look that failed is repeated from there."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._position = 0
        self._looked_at: datetime | None = None
        self._looked_at_all: datetime | None = None
        leading = Leading(store.url, store.schema, "approval", "directives")
        self.loop = Loop("directives", self.look, every_seconds=LOOK_EVERY_SECONDS, leading=leading)

    async def look(self) -> None:
        """Woken when events have arrived or a yes was taken back, and at intervals: an expiry is no event."""
        now = await self._store.pool.fetchrow(NOW)
        models = await self._changed(now["position"], now["at"])
        await keep_directives(self._store, models)
        self._position, self._looked_at = now["position"], now["at"]
        if models is None:
            self._looked_at_all = now["at"]

    async def _changed(self, position: int, at: datetime) -> list[str] | None:
        """The models about which something was recorded since the last look; None for all."""
        if self._looked_at is None or self._looked_at_all is None or at - self._looked_at_all > LOOK_AT_ALL_EVERY:
            return None
        if await self._store.pool.fetchval(POLICIES, self._position, position):
            return None
        rows = await self._store.pool.fetch(MODELS, self._position, position, self._looked_at - MARGIN)
        return [row["model_id"] for row in rows]
