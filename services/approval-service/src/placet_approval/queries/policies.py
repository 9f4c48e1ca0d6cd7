"""Views of policies: the one in force for each environment, and all versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import asyncpg
import orjson

__all__ = ["EnvironmentPolicies", "PolicyView", "list_policies", "read_policies"]

COLUMNS = "policy_id, environment, version, sha256, mode, content, defined_by, defined_at"
LIST = f"select {COLUMNS} from current_policies order by environment"
VERSIONS = f"select {COLUMNS} from policies where environment = $1 order by version desc"


@dataclass(frozen=True, slots=True)
class PolicyView:
    """One immutable version."""

    policy_id: str
    environment: str
    version: int
    sha256: str
    mode: Literal["prevent", "warn", "allow"]
    content: Mapping[str, Any]
    defined_by: str
    defined_at: datetime


@dataclass(frozen=True, slots=True)
class EnvironmentPolicies:
    """The version in force, and every version, newest first."""

    environment: str
    current: PolicyView
    versions: Sequence[PolicyView]


async def list_policies(connection: asyncpg.Pool) -> list[PolicyView]:
    """The current policy of every environment that has one."""
    return [_view(row) for row in await connection.fetch(LIST)]


async def read_policies(connection: asyncpg.Pool, environment: str) -> EnvironmentPolicies | None:
    """An environment's policies, or None."""
    versions = [_view(row) for row in await connection.fetch(VERSIONS, environment)]
    return EnvironmentPolicies(environment=environment, current=versions[0], versions=versions) if versions else None


def _view(row: asyncpg.Record) -> PolicyView:
    return PolicyView(**{**dict(row), "content": orjson.loads(row["content"])})
