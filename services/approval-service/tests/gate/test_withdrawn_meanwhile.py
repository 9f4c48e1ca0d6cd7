"""What a decision rests on is taken back between the decision and its append: the one that is written first counts (rule 6).

Each test holds the append lock of approval's store. A change waits for it first, then the decision that was made before the
change: whatever the decision relies on it must not pass by, so when the lock is let go it is made again on what there is then.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from placet_shared.postgres import connect
from placet_shared.testing import eventually

from ..conftest import SCHEMA, Caller
from ..decisions.conftest import WHY
from .conftest import BY_DIGEST, Town, verdict

pytestmark = pytest.mark.postgres

HOLD = "select pg_advisory_xact_lock(append_lock())"
WAITING = "select count(*) from pg_locks where not granted"

Act = Callable[[], Coroutine[Any, Any, httpx.Response]]


@dataclass
class Race:
    """Two commands, of which the second is decided before the first is written."""

    town: Town
    blocker: asyncpg.Connection

    async def run(self, change: Act, decision: Act) -> tuple[httpx.Response, httpx.Response, bool]:
        """Both answers, and whether the decision waited for the change to be written before it was appended."""
        async with self.blocker.transaction():
            await self.blocker.execute(HOLD)
            changing = asyncio.create_task(change())
            await eventually(self._wait_at_the_lock(1))
            deciding = asyncio.create_task(decision())
            await eventually(self._is_decided)
            behind = self.town.service.store.writer.waiting == 1
        return await changing, await deciding, behind

    def _wait_at_the_lock(self, count: int) -> Callable[[], Awaitable[bool]]:
        async def wait() -> bool:
            return bool(await self.blocker.fetchval(WAITING) == count)

        return wait

    async def _is_decided(self) -> bool:
        """It waits in this process for the change to be written, or went past it to the lock."""
        return self.town.service.store.writer.waiting == 1 or await self._wait_at_the_lock(2)()


@pytest.fixture
async def race(town: Town) -> AsyncIterator[Race]:
    blocker = await connect(town.service.site.superuser_url, SCHEMA, idle_in_transaction_session_timeout="0")
    yield Race(town, blocker)
    await blocker.close()


def asking(town: Town) -> Act:
    """The pipeline's question for the record."""
    ci = town.ci
    return lambda: ci.post("/v1/gate", BY_DIGEST)


async def stricter_policy(town: Town) -> httpx.Response:
    policy = {"kind": "Policy", "environment": "prod", "signatures": [{"role": "reviewer", "count": 3}], "takes_effect": "immediately"}
    return await town.dora.post("/v1/policies", policy)


async def test_sign_off_revoked_while_the_gate_decides_is_a_no(town: Town, race: Race) -> None:
    path = await town.an_approved_sign_off()
    revoked, answer, _ = await race.run(lambda: town.bob.post(f"{path}/revoke", WHY), asking(town))
    assert (revoked.status_code, answer.status_code) == (200, 201)
    assert verdict(answer.json()) == ("deny", True, ["revoked"])


async def test_policy_changed_while_the_gate_decides_is_a_no(town: Town, race: Race) -> None:
    """Rule 6: the policy's stream is checked at append. The sign-off may have been ended for it by then, as it is soon afterwards."""
    await town.an_approved_sign_off()
    changed, answer, _ = await race.run(lambda: stricter_policy(town), asking(town))
    assert (changed.status_code, answer.status_code) == (201, 201), changed.text
    kind, decided, codes = verdict(answer.json())
    assert (kind, decided) == ("deny", True)
    assert {*codes} & {"policy_changed", "invalidated"}


@pytest.mark.parametrize("signer", ["bob", "carol"])
async def test_gate_relies_on_the_people_who_signed(town: Town, race: Race, signer: str) -> None:
    """Rule 6: their streams are checked at append, so the decision is written on the people as they are then."""
    await town.an_approved_sign_off()
    person = getattr(town, signer)
    deactivated, answer, waited = await race.run(lambda: town.dora.post(f"/v1/people/{person.id}/deactivate"), asking(town))
    assert (deactivated.status_code, answer.status_code) == (200, 201), deactivated.text
    assert waited, "a change of a signer was passed by"


async def withdrawals(town: Town) -> dict[str, Act]:
    """What is taken from bob, by name."""
    token_id = (await town.bob.get("/v1/whoami")).json()["token_id"]
    taken: dict[str, Act] = {
        "the person": lambda: town.dora.post(f"/v1/people/{town.bob.id}/deactivate"),
        "the role": lambda: town.dora.post(f"/v1/people/{town.bob.id}/roles", {"roles": ["developer"]}),
        "the token": lambda: town.dora.post(f"/v1/tokens/{token_id}/revoke"),
    }
    return taken


@pytest.mark.parametrize("taken", ["the person", "the role", "the token"])
@pytest.mark.parametrize("act", ["approve", "reject"])
async def test_signer_from_whom_it_is_taken_after_authentication_does_not_sign(town: Town, race: Race, taken: str, act: str) -> None:
    """Rule 6: who was let in as a reviewer is one no longer when the signature would be written."""
    path = await town.a_pending_sign_off()
    withdrawn, answer, _ = await race.run((await withdrawals(town))[taken], lambda: town.bob.post(f"{path}/{act}", WHY))
    assert withdrawn.status_code in (200, 204), withdrawn.text
    assert answer.status_code == 403, answer.text
    assert {"ApprovalGranted", "SignOffRejected"}.isdisjoint(await town.service.site.event_types())


@dataclass
class Deputy:
    """Dave, who signs in carol's place by `delegation`."""

    dave: Caller
    delegation: str


@pytest.fixture
async def deputy(town: Town) -> Deputy:
    dave = await town.service.person("dave", "developer")
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    lent = await town.carol.post("/v1/delegations", {"delegate": "dave", "ends_at": until, "reason": "A day off."})
    return Deputy(dave, f"/v1/delegations/{lent.json()['id']}/end")


@pytest.mark.parametrize("taken", ["the delegation", "the delegator", "the delegator's role", "the delegate"])
async def test_deputy_from_whom_it_is_taken_meanwhile_does_not_sign(town: Town, race: Race, deputy: Deputy, taken: str) -> None:
    """Rule 45: the delegate's stream, the delegator's and the delegation's are checked at append."""
    withdrawals: dict[str, Act] = {
        "the delegation": lambda: town.carol.post(deputy.delegation, {}),
        "the delegator": lambda: town.dora.post(f"/v1/people/{town.carol.id}/deactivate"),
        "the delegator's role": lambda: town.dora.post(f"/v1/people/{town.carol.id}/roles", {"roles": ["developer"]}),
        "the delegate": lambda: town.dora.post(f"/v1/people/{deputy.dave.id}/deactivate"),
    }
    path = await town.a_pending_sign_off()
    withdrawn, answer, _ = await race.run(withdrawals[taken], lambda: deputy.dave.post(f"{path}/approve", WHY))
    assert withdrawn.status_code == 200, withdrawn.text
    assert answer.status_code == 403, answer.text
    assert "ApprovalGranted" not in await town.service.site.event_types()


async def test_delegation_that_is_ended_while_the_last_person_signs_brings_no_approval(town: Town, race: Race, deputy: Deputy) -> None:
    path = await town.a_pending_sign_off()
    assert (await deputy.dave.post(f"{path}/approve", WHY)).json()["have"] == 1
    ended, answer, _ = await race.run(lambda: town.carol.post(deputy.delegation, {}), lambda: town.bob.post(f"{path}/approve", WHY))
    assert (ended.status_code, answer.status_code) == (200, 200), answer.text
    assert (answer.json()["state"], answer.json()["have"]) == ("pending", 1)


async def test_gate_relies_on_the_delegator_too(town: Town, race: Race, deputy: Deputy) -> None:
    path = await town.a_pending_sign_off()
    await town.bob.post(f"{path}/approve", WHY)
    assert (await deputy.dave.post(f"{path}/approve", WHY)).json()["state"] == "approved"
    assert verdict(await town.asks()) == ("allow", True, [])
    deactivated, _, waited = await race.run(lambda: town.dora.post(f"/v1/people/{town.carol.id}/deactivate"), asking(town))
    assert deactivated.status_code == 200
    assert waited, "a change of the delegator was passed by"


ADMINISTRATION: dict[str, Callable[[Caller, Town], Coroutine[Any, Any, httpx.Response]]] = {
    "define a policy": lambda admin, town: admin.post(
        "/v1/policies", {"kind": "Policy", "environment": "prod", "mode": "allow", "signatures": [{"role": "reviewer"}]}
    ),
    "add a person": lambda admin, town: admin.post("/v1/people", {"name": "mallory", "display_name": "Mallory", "roles": ["admin"]}),
    "change roles": lambda admin, town: admin.post(f"/v1/people/{town.alice.id}/roles", {"roles": ["admin"]}),
    "issue a token": lambda admin, town: admin.post("/v1/tokens", {"holder": town.bob.id}),
    "request a sign-off": lambda admin, town: admin.post("/v1/sign-offs", {"environment": "prod", "version_id": town.version_id, **WHY}),
    "ask the gate": lambda admin, town: admin.post("/v1/gate", BY_DIGEST),
}


@pytest.mark.parametrize("taken", ["the person", "the role", "the token"])
@pytest.mark.parametrize("act", ADMINISTRATION)
async def test_admin_from_whom_it_is_taken_after_authentication_does_nothing_more(town: Town, race: Race, taken: str, act: str) -> None:
    """Rule 6, for everything that needs a role: the last act of an admin who is stopped must not be another way in."""
    admin = await town.service.person("tess", "admin")
    token_id = (await admin.get("/v1/whoami")).json()["token_id"]
    withdrawals: dict[str, Act] = {
        "the person": lambda: town.dora.post(f"/v1/people/{admin.id}/deactivate"),
        "the role": lambda: town.dora.post(f"/v1/people/{admin.id}/roles", {"roles": ["reviewer"]}),
        "the token": lambda: town.dora.post(f"/v1/tokens/{token_id}/revoke"),
    }
    withdrawn, answer, _ = await race.run(withdrawals[taken], lambda: ADMINISTRATION[act](admin, town))
    assert withdrawn.status_code in (200, 204), withdrawn.text
    assert answer.status_code == 403, answer.text
    assert (await town.service.site.event_types())[-1] == "ActionRefused"


@pytest.mark.parametrize("taken", ["deactivate", "roles"])
async def test_pipeline_that_is_stopped_after_authentication_gets_no_yes(town: Town, race: Race, taken: str) -> None:
    await town.an_approved_sign_off()
    path = f"/v1/service-accounts/{town.ci.id}/{taken}"
    withdrawn, answer, _ = await race.run(lambda: town.dora.post(path, {"roles": ["auditor"]} if taken == "roles" else None), asking(town))
    assert withdrawn.status_code == 200, withdrawn.text
    assert answer.status_code == 403, answer.text
