"""A suspension is about the bytes: no other version, model or sign-off passes it over, whatever becomes of the one that was suspended."""

import asyncio

import pytest

from .conftest import WHY, Bank
from .test_rounds_api import POLICY, code, does

pytestmark = pytest.mark.postgres


async def gate(bank: Bank, version_id: str | None = None) -> list[str]:
    """Why not, by a decision of record."""
    answer = await bank.ci.post("/v1/gate", {"environment": "prod", "version_id": version_id or bank.version_id})
    return [reason["code"] for reason in answer.json()["reasons"]]


async def approved(bank: Bank, version_id: str | None = None) -> str:
    path = f"/v1/sign-offs/{(await bank.request(version_id=version_id or bank.version_id)).json()['id']}"
    await does(bank.bob, f"{path}/approve")
    await does(bank.carol, f"{path}/approve")
    return path


@pytest.fixture
async def twice(bank: Bank) -> tuple[str, str, str]:
    """Two versions with the same bytes, both approved: the second one's id, and the paths of both sign-offs."""
    assert (await bank.dora.post("/v1/policies", {**POLICY, "feedback": []})).status_code == 201
    again = await bank.registers(2)
    await bank.verifies(version_id=again)
    return again, await approved(bank), await approved(bank, again)


async def test_suspension_holds_another_version_of_the_bytes(bank: Bank, twice: tuple[str, str, str]) -> None:
    again, path, _ = twice
    assert await gate(bank, again) == []
    await does(bank.bob, f"{path}/suspend")
    assert (await gate(bank, again), await gate(bank)) == (["same_bytes_suspended"], ["suspended"])
    await does(bank.carol, f"{path}/resume")
    assert (await gate(bank, again), await gate(bank)) == ([], [])


async def test_held_bytes_are_not_requested_or_signed_as_another_version(bank: Bank) -> None:
    assert (await bank.dora.post("/v1/policies", {**POLICY, "feedback": []})).status_code == 201
    second, third = await bank.registers(2), await bank.registers(3)
    for version_id in (second, third):
        await bank.verifies(version_id=version_id)
    path = await approved(bank)
    pending = f"/v1/sign-offs/{(await bank.request(version_id=second)).json()['id']}"
    await does(bank.bob, f"{path}/suspend")
    assert code(await bank.request(version_id=third)) == "same_bytes_suspended"
    assert code(await bank.bob.post(f"{pending}/approve", WHY)) == "same_bytes_suspended"
    assert (await bank.sees(pending))["state"] == "pending", "it waits, and has not ended"
    await does(bank.carol, f"{path}/resume")
    await does(bank.bob, f"{pending}/approve")


async def test_suspension_outlasts_its_sign_off(bank: Bank, twice: tuple[str, str, str]) -> None:
    """Else an admin changes the policy, which ends what is suspended, and the same bytes are requested anew."""
    again, path, _ = twice
    await does(bank.bob, f"{path}/suspend")
    policy = {**POLICY, "feedback": [], "expires_after": "30d", "takes_effect": "immediately"}
    assert (await bank.dora.post("/v1/policies", policy)).status_code == 201
    assert (await bank.sees(path))["state"] == "invalidated"
    assert code(await bank.request(version_id=again)) == "same_bytes_suspended"
    assert code(await bank.alice.post(f"{path}/resume", WHY)) == "separation_of_duties"
    await does(bank.carol, f"{path}/resume")
    assert (await bank.sees(path))["state"] == "invalidated", "what has ended stays ended"
    assert code(await bank.carol.post(f"{path}/resume", WHY)) == "nothing_to_resume"
    await approved(bank, again)
    assert await gate(bank, again) == []


async def test_each_suspension_is_taken_back_on_its_own(bank: Bank, twice: tuple[str, str, str]) -> None:
    again, first, second = twice
    for path in (first, second):
        await does(bank.bob, f"{path}/suspend")
    await does(bank.carol, f"{second}/resume")
    assert await gate(bank, again) == ["same_bytes_suspended"]
    await does(bank.carol, f"{first}/resume")
    assert await gate(bank, again) == []


async def test_suspended_approval_that_is_revoked_is_a_no(bank: Bank, twice: tuple[str, str, str]) -> None:
    again, path, _ = twice
    await does(bank.bob, f"{path}/suspend")
    await does(bank.bob, f"{path}/revoke")
    assert await gate(bank, again) == ["same_bytes_rejected"]
    await approved(bank, again)
    assert await gate(bank, again) == [], "a new request has answered it"


async def test_suspension_and_a_yes_at_the_same_instant(bank: Bank, twice: tuple[str, str, str]) -> None:
    """The stream of the bytes is checked at append: a yes that is written before it was held by then."""
    again, path, _ = twice
    yes, held = await asyncio.gather(
        bank.ci.post("/v1/gate", {"environment": "prod", "version_id": again}), bank.bob.post(f"{path}/suspend", WHY)
    )
    assert held.status_code == 200
    order = [row["type"] for row in await bank.connection.fetch("select type from events order by position desc limit 3")]
    newest_first = [one for one in order if one in ("GateDecisionMade", "ArtifactHeld")]
    assert yes.json()["allowed"] == (newest_first[0] == "ArtifactHeld")
    assert await gate(bank, again) == ["same_bytes_suspended"]
