"""Policies as they are read: the one that counts for each environment, and every version there was."""

from datetime import datetime
from typing import Any, Literal

import asyncpg
import orjson
from pydantic import BaseModel, Field

__all__ = ["EnvironmentPolicies", "PolicyView", "list_policies", "read_policies"]

COLUMNS = "policy_id, environment, version, sha256, mode, content, defined_by, defined_at"
LIST = f"select {COLUMNS} from current_policies order by environment"
VERSIONS = f"select {COLUMNS} from policies where environment = $1 order by version desc"


class PolicyView(BaseModel):
    """One immutable version."""

    policy_id: str
    environment: str = Field(examples=["prod"])
    version: int = Field(examples=[3])
    sha256: str = Field(description="SHA-256 of `content` as sorted compact JSON; a sign-off is bound to it.")
    mode: Literal["prevent", "warn", "allow"]
    content: dict[str, Any] = Field(description="The terms, normalised.")
    defined_by: str = Field(description="A person's id, or `system:approval` for a shipped policy.")
    defined_at: datetime


class EnvironmentPolicies(BaseModel):
    """What counts now, and every version, newest first."""

    environment: str
    current: PolicyView
    versions: list[PolicyView]


async def list_policies(connection: asyncpg.Pool) -> list[PolicyView]:
    """The current policy of every environment that has one."""
    return [_view(row) for row in await connection.fetch(LIST)]


async def read_policies(connection: asyncpg.Pool, environment: str) -> EnvironmentPolicies | None:
    """An environment's policies, or None."""
    versions = [_view(row) for row in await connection.fetch(VERSIONS, environment)]
    return EnvironmentPolicies(environment=environment, current=versions[0], versions=versions) if versions else None


def _view(row: asyncpg.Record) -> PolicyView:
    return PolicyView(**{**dict(row), "content": orjson.loads(row["content"])})
