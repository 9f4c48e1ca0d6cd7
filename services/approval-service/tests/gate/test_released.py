"""The gate and releases: one member goes nowhere while another has no yes, and no yes is written beside a no to another one."""

import asyncio
from typing import Any

import pytest

from ..decisions.conftest import WHY
from ..decisions.releases import PRICING, Pair, a_pair, a_version_of
from .conftest import Town, verdict
from .test_parked_events import UNREADABLE, until_parked
from .test_withdrawn_meanwhile import Race, race

__all__ = ["race"]

pytestmark = pytest.mark.postgres


@pytest.fixture
async def pair(town: Town) -> Pair:
    return await a_pair(town)


async def decides(town: Town, version: str) -> dict[str, Any]:
    return await town.decides(environment="prod", version_id=version)


async def test_decision_for_the_record_is_a_yes_for_each_member_of_an_approved_release(town: Town, pair: Pair) -> None:
    path = await pair.approved()
    answers = [await decides(town, version) for version in (pair.fraud, pair.pricing)]
    assert [verdict(answer) for answer in answers] == [("allow", True, [])] * 2
    until = (await town.sees(path))["expires_at"]
    assert all(answer["valid_until"] <= until for answer in answers)


async def test_yes_is_used_no_longer_than_the_approval_of_another_member_lasts(town: Town, pair: Pair) -> None:
    await pair.approved()
    await town.connection.execute("update sign_offs set expires_at = now() + interval '30 seconds' where artifact_sha256 = $1", PRICING)
    [[until]] = await town.connection.fetch("select expires_at from sign_offs where artifact_sha256 = $1", PRICING)
    answer = await town.asks(environment="prod", version_id=pair.fraud)
    assert answer["valid_until"] == until.isoformat().replace("+00:00", "Z")


async def test_member_revoked_while_the_gate_decides_on_another_is_a_no(town: Town, pair: Pair, race: Race) -> None:
    """Rule 57: the streams of all members are checked at append."""
    sign_off = await pair.sign_off(await pair.approved(), pair.pricing)
    question = {"environment": "prod", "version_id": pair.fraud}
    revoked, answer, _ = await race.run(lambda: town.bob.post(f"{sign_off}/revoke", WHY), lambda: town.ci.post("/v1/gate", question))
    assert (revoked.status_code, answer.status_code) == (200, 201), revoked.text
    assert verdict(answer.json()) == ("deny", True, ["release_incomplete"])


async def test_no_to_the_bytes_of_a_member_while_the_gate_decides_on_another_is_a_no(town: Town, pair: Pair, race: Race) -> None:
    """Rule 57: so are those of their bytes, where a no to a copy of them is written."""
    await pair.approved()
    _, copy = await a_version_of(town, "copy", PRICING)
    requested = await town.alice.post("/v1/sign-offs", {"environment": "prod", "version_id": copy, **WHY})
    rejected, answer, _ = await race.run(
        lambda: town.bob.post(f"/v1/sign-offs/{requested.json()['id']}/reject", WHY),
        lambda: town.ci.post("/v1/gate", {"environment": "prod", "version_id": pair.fraud}),
    )
    assert (rejected.status_code, answer.status_code) == (200, 201), rejected.text
    assert verdict(answer.json()) == ("deny", True, ["release_incomplete"])


async def test_member_rejected_while_the_last_person_signs_the_release_leaves_none_approved(town: Town, pair: Pair, race: Race) -> None:
    path = await pair.requested()
    await town.bob.post(f"{path}/approve", WHY)
    sign_off = await pair.sign_off(path, pair.pricing)
    rejected, answer, _ = await race.run(lambda: town.bob.post(f"{sign_off}/reject", WHY), lambda: town.carol.post(f"{path}/approve", WHY))
    assert (rejected.status_code, answer.status_code) == (200, 409), answer.text
    assert await pair.states(path) == ("rejected", "withdrawn", "rejected")


async def test_release_approved_and_rejected_at_the_same_instant_is_one_of_both(town: Town, pair: Pair) -> None:
    path = await pair.requested()
    await town.bob.post(f"{path}/approve", WHY)
    sign_off = await pair.sign_off(path, pair.fraud)
    await asyncio.gather(town.carol.post(f"{path}/approve", WHY), town.bob.post(f"{sign_off}/reject", WHY))
    state, fraud, pricing = await pair.states(path)
    assert (state, fraud, pricing) in [("approved",) * 3, ("rejected", "rejected", "withdrawn")]


async def test_event_about_another_member_that_can_t_be_applied_keeps_the_gate_from_deciding(town: Town, pair: Pair) -> None:
    """It may be the one that takes its yes."""
    await pair.approved()
    position = await town.registry.says("VersionRegistered", pair.pricing_model, UNREADABLE)
    await until_parked(town, position)
    answer = await town.asks(environment="prod", version_id=pair.fraud)
    assert verdict(answer) == ("deny", False, ["unprocessed_event"])
