"""Service accounts over HTTP with a real PostgreSQL behind."""

import asyncio

import pytest

from ..conftest import Service

pytestmark = pytest.mark.postgres


async def test_service_account_added_can_be_read_by_id_and_by_name(service: Service) -> None:
    ci = await service.account("ci", "pipeline")
    by_name, by_id = await service.dora.get("/v1/service-accounts/ci"), await service.dora.get(f"/v1/service-accounts/{ci.id}")
    assert by_name.json() == by_id.json()
    assert (by_name.json()["name"], by_name.json()["roles"], by_name.json()["active"]) == ("ci", ["pipeline"], True)
    assert (await service.dora.get("/v1/service-accounts")).json()["items"] == [by_id.json()]


@pytest.mark.parametrize("role", ["reviewer", "risk-officer", "admin", "model-owner"])
async def test_service_account_gets_no_role_that_may_sign_and_the_refusal_is_recorded(service: Service, role: str) -> None:
    refused = await service.dora.post("/v1/service-accounts", {"name": "ci", "roles": ["pipeline", role]})
    assert (refused.status_code, refused.json()["code"]) == (422, "role_not_for_service_accounts")
    await service.account("ci", "pipeline")
    assert (await service.dora.post("/v1/service-accounts/ci/roles", {"roles": [role]})).status_code == 422
    assert (await service.dora.get("/v1/service-accounts/ci")).json()["roles"] == ["pipeline"]
    assert (await service.site.event_types()).count("ActionRefused") == 2


async def test_service_account_name_wanted_by_many_at_once_is_given_once(service: Service) -> None:
    answers = await asyncio.gather(*[service.dora.post("/v1/service-accounts", {"name": "ci"}) for _ in range(8)])
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7


async def test_service_account_name_stays_taken_after_deactivation(service: Service) -> None:
    ci = await service.account("ci", "pipeline")
    assert (await service.dora.post("/v1/service-accounts/ci/deactivate")).json()["active"] is False
    assert (await ci.get("/v1/whoami")).status_code == 401
    assert (await service.dora.post("/v1/service-accounts", {"name": "ci"})).json()["code"] == "name_taken"


async def test_service_account_roles_changed_are_valid_with_the_next_request(service: Service) -> None:
    ci = await service.account("ci", "pipeline")
    assert (await service.dora.post("/v1/service-accounts/ci/roles", {"roles": ["auditor"]})).json()["roles"] == ["auditor"]
    found = (await ci.get("/v1/whoami")).json()
    assert (found["kind"], found["name"], found["roles"]) == ("service_account", "ci", ["auditor"])


async def test_service_account_who_does_not_exist(service: Service) -> None:
    refused = await service.dora.post("/v1/service-accounts/nothing/deactivate")
    assert (refused.status_code, refused.json()["code"]) == (404, "service_account_not_found")
    assert (await service.dora.get("/v1/service-accounts/nothing")).status_code == 404
