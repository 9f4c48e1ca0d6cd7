"""Views of policies: the newest of each, and all versions of an environment's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import asyncpg
import orjson

from placet_approval.domain.written_policy import TakesEffect

__all__ = ["EnvironmentPolicies", "PolicyView", "list_policies", "read_policies"]

COLUMNS = "policy_id, environment, name, kind, version, sha256, mode, takes_effect, content, defined_by, defined_at, withdrawn_at"
NAMES = COLUMNS.split(", ")
# Those that were not withdrawn; the environment's own first.
LIST = f"""
    select {COLUMNS} from (select distinct on (policy_id) * from policies order by policy_id, version desc) p
    where withdrawn_at is null order by environment, name nulls first
"""
VERSIONS = f"select {COLUMNS}, revision from policies where environment = $1 order by name nulls first, version desc"


@dataclass(frozen=True, slots=True)
class PolicyView:
    """One immutable version."""

    policy_id: str
    environment: str
    name: str | None
    kind: Literal["policy", "floor"]
    version: int
    sha256: str
    mode: Literal["prevent", "warn", "allow"] | None
    takes_effect: TakesEffect
    content: Mapping[str, Any]
    defined_by: str
    defined_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class EnvironmentPolicies:
    """The newest version of the environment's own policy, every version of it, newest first, and those of policies for some models, by
    name. `revision` counts all that was defined there."""

    environment: str
    current: PolicyView | None
    versions: Sequence[PolicyView]
    for_models: Sequence[PolicyView]
    revision: int


async def list_policies(connection: asyncpg.Pool) -> list[PolicyView]:
    """The newest version of every policy that is there."""
    return [_view(row) for row in await connection.fetch(LIST)]


async def read_policies(connection: asyncpg.Pool, environment: str) -> EnvironmentPolicies | None:
    """An environment's policies, or None."""
    rows = await connection.fetch(VERSIONS, environment)
    found = [_view(row) for row in rows]
    own = [view for view in found if view.name is None]
    revision = max((row["revision"] for row in rows), default=0)
    others = [view for view in found if view.name is not None]
    return EnvironmentPolicies(environment, next(iter(own), None), own, others, revision) if found else None


def _view(row: asyncpg.Record) -> PolicyView:
    return PolicyView(**{**{name: row[name] for name in NAMES}, "content": orjson.loads(row["content"])})
