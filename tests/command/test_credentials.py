"""Services know who asks from approval-service's events, and go on knowing while it is away."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest

from placet_shared.testing import eventually_blocking

pytestmark = pytest.mark.postgres

MARKS = {"registry": "approval", "verification": "approval", "audit": "approval/credentials"}
READS = {"registry": "/v1/models", "verification": "/v1/plans", "audit": "/v1/timeline"}
HAS_ALL = """
    select coalesce((select position from {schema}.marks where source = $1), 0) >= (select max(position) from approval.events)
"""


def wait_until_told(installation: Any) -> None:
    """Until each of them has read all of approval-service's events."""

    async def told() -> bool:
        connection = await asyncpg.connect(installation.surroundings.for_migrating("audit")["PLACET_AUDIT_MIGRATION_URL"])
        try:
            return all([await connection.fetchval(HAS_ALL.format(schema=source), mark) for source, mark in MARKS.items()])
        finally:
            await connection.close()

    eventually_blocking(lambda: asyncio.run(told()))


def test_token_that_was_never_shown_is_known_while_approval_is_away(fresh_installation: Any) -> None:
    wait_until_told(fresh_installation)
    fresh_installation.kill("approval")
    for source, path in READS.items():
        url = getattr(fresh_installation.addresses, source) + path
        known = httpx.get(url, headers={"Authorization": f"Bearer {fresh_installation.token('erin')}"}, trust_env=False)
        assert known.status_code == 200, (source, known.text)
