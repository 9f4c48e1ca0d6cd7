"""Events of registry and verification reach receivers too, also after a restore of their service."""

from typing import Any

import pytest

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.envelope import encode
from placet_shared.testing import eventually

from ..gate.conftest import Town, town, town_database, town_site
from .conftest import Receiver, subscribed

__all__ = ["town", "town_database", "town_site"]

pytestmark = pytest.mark.postgres


@pytest.fixture
def patience_seconds() -> float:
    return 20


async def registers(town: Town, name: str) -> None:
    model: dict[str, Any] = {"model_id": name, "name": name, "description": None, "tags": {}}
    await town.registry.says("ModelRegistered", name, model)


async def test_an_event_of_the_registry_comes_with_its_bytes_unchanged(town: Town, receiver: Receiver) -> None:
    await subscribed(town, receiver, "ModelRegistered")
    await registers(town, "fraud-2")
    [came] = await receiver.gets(1)
    arrived = await town.registry.source.read(Cursor())
    assert came.body == encode(arrived.events[-1])


async def test_after_a_restore_of_the_registry_its_new_events_are_sent_and_none_of_the_old_ones(town: Town, receiver: Receiver) -> None:
    await subscribed(town, receiver, "ModelRegistered")
    before = (await town.registry.source.head()).position
    await registers(town, "lost")
    await receiver.gets(1)
    await town.registry.restore_backup(before)
    await registers(town, "found")
    came = await receiver.gets(2)
    assert [one.event["data"]["name"] for one in came] == ["lost", "found"]
    await eventually(lambda: town.service.services.webhooks.loop.failures == 0)
