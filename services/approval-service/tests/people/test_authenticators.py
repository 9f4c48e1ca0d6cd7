"""The port `Authenticator` and its two adapters: both say the same about every token, one asks the tables, one asks over HTTP."""

from collections.abc import Iterator
from itertools import count

import pytest

from placet_approval.adapters.local_authenticator import LocalAuthenticator
from placet_shared.access import Actor, Authenticator, IntrospectingAuthenticator
from placet_shared.tokens import new_token

from ..conftest import Service

pytestmark = pytest.mark.postgres


@pytest.fixture(params=["local", "introspecting"])
async def authenticator(request: pytest.FixtureRequest, service: Service) -> Authenticator:
    """For the one over HTTP a minute passes between two looks at the clock, so that it remembers nothing."""
    if request.param == "local":
        return LocalAuthenticator(service.store.pool)
    minutes: Iterator[int] = count(0, 60)
    registry = await service.account("registry", "service")
    return IntrospectingAuthenticator(service.client, "http://approval", registry.token, clock=lambda: next(minutes))


async def test_token_of_a_person_or_a_system_becomes_its_actor(service: Service, authenticator: Authenticator) -> None:
    alice, ci = await service.person("alice", "reviewer", "model-owner"), await service.account("ci", "pipeline")
    token_ids = [(await caller.get("/v1/whoami")).json()["token_id"] for caller in (alice, ci)]
    assert await authenticator.authenticate(alice.token) == Actor(alice.id, "person", frozenset({"reviewer", "model-owner"}), token_ids[0])
    assert await authenticator.authenticate(ci.token) == Actor(ci.id, "service_account", frozenset({"pipeline"}), token_ids[1])


async def test_token_that_was_never_issued_is_unknown(authenticator: Authenticator) -> None:
    assert await authenticator.authenticate(new_token()) is None


async def test_token_is_unknown_once_it_was_revoked(service: Service, authenticator: Authenticator) -> None:
    alice = await service.person("alice")
    token_id = (await alice.get("/v1/whoami")).json()["token_id"]
    assert await authenticator.authenticate(alice.token)
    await service.dora.post(f"/v1/tokens/{token_id}/revoke")
    assert await authenticator.authenticate(alice.token) is None


@pytest.mark.parametrize("act", ["deactivate", "erase"])
async def test_token_is_unknown_once_its_holder_was_deactivated_or_erased(service: Service, authenticator: Authenticator, act: str) -> None:
    alice = await service.person("alice")
    assert await authenticator.authenticate(alice.token)
    await service.dora.post(f"/v1/people/alice/{act}")
    assert await authenticator.authenticate(alice.token) is None


async def test_roles_are_those_of_now(service: Service, authenticator: Authenticator) -> None:
    alice = await service.person("alice", "developer")
    assert await authenticator.authenticate(alice.token)
    await service.dora.post("/v1/people/alice/roles", {"roles": ["auditor"]})
    actor = await authenticator.authenticate(alice.token)
    assert actor is not None
    assert actor.roles == {"auditor"}
