"""Who asks, and who may read."""

from typing import Any

import httpx
import pytest

from placet_shared.tokens import new_token


async def test_actor_of_a_known_token(client: httpx.AsyncClient, developer_token: str) -> None:
    answer = await client.get("/whoami", headers={"Authorization": f"Bearer {developer_token}"})
    assert answer.json()["id"] == "0193a2f0-0000-7000-8000-000000000001"


async def test_no_token(client: httpx.AsyncClient) -> None:
    answer = await client.get("/whoami")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")
    assert answer.headers["www-authenticate"] == 'Bearer realm="placet"'


@pytest.mark.parametrize("header", ["Basic eDp5", "Bearer", "placet_x"])
async def test_authorization_of_another_kind(client: httpx.AsyncClient, header: str) -> None:
    answer = await client.get("/whoami", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")


@pytest.mark.parametrize("token", [pytest.param(new_token(), id="well-formed"), "placet_short", "nonsense"])
async def test_unknown_token(client: httpx.AsyncClient, token: str) -> None:
    answer = await client.get("/whoami", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    assert answer.headers["www-authenticate"] == 'Bearer realm="placet", error="invalid_token"'
    assert token not in answer.text


async def test_malformed_token_is_not_asked_about(client: httpx.AsyncClient, parts: Any, developer_token: str) -> None:
    parts.authenticator = None  # a request that needs it would fail
    answer = await client.get("/whoami", headers={"Authorization": f"Bearer {developer_token[:-1]}"})
    assert answer.status_code == 401


async def test_role_that_may_read(client: httpx.AsyncClient, auditor_token: str) -> None:
    assert (await client.get("/audit", headers={"Authorization": f"Bearer {auditor_token}"})).status_code == 200


async def test_role_that_may_not_read(client: httpx.AsyncClient, developer_token: str) -> None:
    problem = (await client.get("/audit", headers={"Authorization": f"Bearer {developer_token}"})).json()
    assert (problem["status"], problem["code"]) == (403, "role_required")
    assert problem["detail"] == "This needs the role admin or auditor; you have developer."
    assert problem["facts"] == {"roles_needed": ["admin", "auditor"], "roles_held": ["developer"]}


async def test_seen_position_is_waited_for_once_the_caller_is_known(client: httpx.AsyncClient, parts: Any, developer_token: str) -> None:
    waited: list[str] = []

    async def seen(position: str) -> None:
        waited.append(position)

    parts.seen = seen
    await client.get("/whoami", headers={"Placet-Seen": "registry:1:5"})
    await client.get("/whoami", headers={"Placet-Seen": "registry:1:7", "Authorization": f"Bearer {developer_token}"})
    assert waited == ["registry:1:7"]
