"""Environments over HTTP."""

import asyncio
import json
from typing import Any

import pytest

from .conftest import Registry

pytestmark = pytest.mark.postgres


async def names(registry: Registry) -> list[str]:
    answer = await registry.erin.get("/v1/environments")
    assert [item["place"] for item in answer.json()["items"]] == list(range(1, len(answer.json()["items"]) + 1))
    return [item["name"] for item in answer.json()["items"]]


async def test_environments_at_the_first_start_are_the_default_ones(registry: Registry) -> None:
    assert await names(registry) == ["dev", "test", "prod"]
    events = await registry.site.fetch("select * from events order by position")
    assert [(event["type"], event["subject"], event["actor"]) for event in events] == [
        ("EnvironmentDefined", name, "system:registry") for name in ("dev", "test", "prod")
    ]


async def test_environments_at_further_starts_stay_as_they_are(registry: Registry, serve_again: Any) -> None:
    async with serve_again(), serve_again():
        pass
    assert len(await registry.site.fetch("select from events")) == 3


async def test_environments_get_their_places(registry: Registry) -> None:
    for name, after in (("staging", "test"), ("sandbox", None), ("canary", "test")):
        answer = await registry.dora.post("/v1/environments", json={"name": name, "after": after})
        assert (answer.status_code, answer.json()) == (201, {"name": name, "after": after})
    assert await names(registry) == ["sandbox", "dev", "test", "canary", "staging", "prod"]
    *_, last = await registry.events()
    assert (last["subject"], json.loads(last["data"])) == ("canary", {"name": "canary", "after": "test"})


async def test_environments_defined_at_once_all_get_a_place(registry: Registry) -> None:
    sending = [registry.dora.post("/v1/environments", json={"name": f"e{number}", "after": "dev"}) for number in range(10)]
    assert {answer.status_code for answer in await asyncio.gather(*sending)} == {201}
    assert len(await names(registry)) == 13


async def test_environment_that_exists_is_not_defined_again(registry: Registry) -> None:
    answer = await registry.dora.post("/v1/environments", json={"name": "prod", "after": "dev"})
    assert (answer.status_code, answer.json()["code"]) == (409, "environment_exists")
    assert [event["subject"] for event in await registry.events("ActionRefused")] == ["prod"]


async def test_environment_after_one_that_does_not_exist_is_refused(registry: Registry) -> None:
    answer = await registry.dora.post("/v1/environments", json={"name": "staging", "after": "qa"})
    assert (answer.status_code, answer.json()["code"]) == (422, "environment_unknown")


async def test_environment_with_a_value_that_is_not_allowed_is_refused(registry: Registry, subtests: pytest.Subtests) -> None:
    for body in ({"name": "Prod", "after": None}, {"name": "staging"}, {"name": "staging", "after": "a b"}):
        with subtests.test(body=body):
            assert (await registry.dora.post("/v1/environments", json=body)).status_code == 422


async def test_environment_defined_without_being_admin_is_refused(registry: Registry) -> None:
    for client in (registry.alice, registry.ci, registry.erin):
        assert (await client.post("/v1/environments", json={"name": "staging", "after": None})).status_code == 403
