"""The read model built anew from the events is the one that was written with them."""

import asyncpg
import pytest

from placet_registry.bootstrap import EVENT_REGISTRY
from placet_registry.projections import PARTS
from placet_shared.rebuilding import OwnEvents, rebuild

from .conftest import SCHEMA, Registry

pytestmark = pytest.mark.postgres


async def rows_of(registry: Registry) -> dict[str, list[asyncpg.Record]]:
    tables = [table for part in PARTS.values() for table in part.tables]
    return {table: await registry.site.fetch(f"select * from {table} t order by t::text") for table in tables}


async def busy_days(registry: Registry) -> None:
    """Whatever changes rows, mixed and more than once: the order counts."""
    for name in ("churn", "fraud"):
        model = await registry.a_model(name, description="first", tags={"a": "1"})
        for value in ("2", "3"):
            await registry.alice.delete(f"/v1/models/{model}/tags/a")
            await registry.alice.put(f"/v1/models/{model}/tags/a", json={"value": value})
            version = await registry.a_version(model, name.encode() + value.encode())
            await registry.alice.put(f"/v1/models/{model}/description", json={"description": value})
            await registry.a_deployment(version["id"])
        ended = await registry.a_deployment(version["id"], "test")
        await registry.ci.post(f"/v1/deployments/{ended}/end", json={"reason": "switched off"})
    await registry.dora.post("/v1/environments", json={"name": "canary", "after": "test"})
    for content in (b"first", b"second"):
        facts = {"columns": [{"name": "x", "type": "number"}], "rows": 1, "period": {"from": "2026-01-01", "to": "2026-01-31"}}
        body = {"name": "churn-test", "sha256": await registry.a_blob(content), "format": "csv", "role": "test", **facts}
        assert (await registry.alice.post("/v1/datasets", json=body)).status_code == 201


async def test_every_part_built_anew_is_the_one_that_was(registry: Registry) -> None:
    await busy_days(registry)
    before = await rows_of(registry)
    assert all(before.values())
    assert [row["tags"] for row in before["models"]] == ['{"a": "3"}'] * 2
    for part in PARTS.values():
        await rebuild(registry.site.superuser_url, SCHEMA, OwnEvents(EVENT_REGISTRY, part), lambda done, of: None)
    assert await rows_of(registry) == before
