"""The events that this service lost in a restore, and whether applying repeats each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import asyncpg
import orjson

__all__ = ["APPLIED", "LostAct", "LostBranch", "Restore", "read_restore"]

BRANCHES = "select *, event_id::text as id from lost_branches where reviewed_at is null order by found_at, position"
EVENTS = "select *, event_id::text as id from lost_events where reviewed_at is null order by position, recorded_at"
# Events that revoked something or set a requirement. The others granted something, which people may grant again.
APPLIED = frozenset(
    {
        "SignOffRevoked",
        "SignOffRejected",
        "ArtifactRejected",
        "ArtifactHeld",
        "PersonDeactivated",
        "ServiceAccountDeactivated",
        "TokenRevoked",
        "PersonErased",
        "DelegationEnded",
        "AccessPolicyDefined",
        "TextErased",
        "PolicyDefined",
        "FloorDefined",
        "DebtIncurred",
        "BreakGlassClosed",
    }
)


@dataclass(frozen=True, slots=True)
class LostBranch:
    """An event that a follower has and this service lost; `listed` when the audit log has listed its branch."""

    event_id: str
    epoch: int
    position: int
    told_by: str
    found_at: datetime
    listed: bool


@dataclass(frozen=True, slots=True)
class LostAct:
    """A lost event, and whether `apply` repeats it or leaves it to people."""

    event_id: str
    position: int
    type: str
    subject: str
    actor: str
    recorded_at: datetime
    data: Mapping[str, Any]
    how: Literal["applied", "offered"]


@dataclass(frozen=True, slots=True)
class Restore:
    """All that is still to be reviewed."""

    branches: Sequence[LostBranch]
    events: Sequence[LostAct]

    @property
    def complete(self) -> bool:
        """Whether the audit log had all of it."""
        return all(branch.listed for branch in self.branches)


async def read_restore(pool: asyncpg.Pool) -> Restore:
    """Empty when nothing was lost, or all was reviewed."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        branches = [_branch(row) for row in await connection.fetch(BRANCHES)]
        return Restore(branches, [_act(row) for row in await connection.fetch(EVENTS)])


def _branch(row: asyncpg.Record) -> LostBranch:
    return LostBranch(row["id"], row["epoch"], row["position"], row["told_by"], row["found_at"], row["listed_at"] is not None)


def _act(row: asyncpg.Record) -> LostAct:
    how: Literal["applied", "offered"] = "applied" if row["type"] in APPLIED else "offered"
    data = orjson.loads(row["data"])
    return LostAct(row["id"], row["position"], row["type"], row["subject"], row["actor"], row["recorded_at"], data, how)
