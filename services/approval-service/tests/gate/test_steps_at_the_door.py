"""Steps of people at the gate: what was reopened in the same instant, and steps of the environment before."""

from typing import Any

import pytest

from ..decisions.conftest import WHY
from ..decisions.test_steps_api import complete, done, reopen
from .conftest import Town, reasons
from .test_promoted import PROD, TEST, decided_beside
from .test_withdrawn_meanwhile import Race, race  # noqa: F401  (a fixture)

pytestmark = pytest.mark.postgres

REVIEW = [{"name": "data-review", "completed_by": {"role": "data-reviewer"}}]


async def define(town: Town, *policies: dict[str, Any]) -> None:
    for policy in policies:
        answer = await town.dora.post("/v1/policies", policy)
        assert answer.status_code == 201, answer.text


async def approve(town: Town, environment: str) -> None:
    path = await town.a_pending_sign_off(environment)
    answer = await (town.bob if environment == "test" else town.carol).post(f"{path}/approve", WHY)
    assert answer.status_code == 200, answer.text


async def test_yes_is_not_written_beside_a_reopened_step(town: Town) -> None:
    await define(town, {**PROD, "steps": REVIEW, "previous_environment": "optional"})
    nina = await town.service.person("nina", "data-reviewer")
    await done(nina, town, "data-review")
    await approve(town, "prod")
    assert await decided_beside(town, lambda: reopen(nina, town, "data-review")) == ["step_open"]
    assert reasons(await town.asks()) == ["step_open"]


async def test_signature_is_not_written_beside_a_reopened_step(town: Town, race: Race) -> None:  # noqa: F811
    await define(town, {**PROD, "steps": REVIEW, "previous_environment": "optional"})
    nina = await town.service.person("nina", "data-reviewer")
    await done(nina, town, "data-review")
    path = await town.a_pending_sign_off("prod")
    reopened, answer, _ = await race.run(lambda: reopen(nina, town, "data-review"), lambda: town.carol.post(f"{path}/approve", WHY))
    assert (reopened.status_code, answer.json()["code"]) == (200, "step_open")


async def test_step_that_two_people_complete_at_once_is_completed_once(town: Town, race: Race) -> None:  # noqa: F811
    await define(town, {**PROD, "steps": REVIEW})
    nina, noah = [await town.service.person(name, "data-reviewer") for name in ("nina", "noah")]
    first, second, _ = await race.run(lambda: complete(nina, town, "data-review"), lambda: complete(noah, town, "data-review"))
    assert (first.status_code, second.json()["code"]) == (200, "step_complete")


async def test_approval_before_is_not_in_force_while_a_step_there_is_open(town: Town) -> None:
    await define(town, {**TEST, "steps": REVIEW}, PROD)
    nina = await town.service.person("nina", "data-reviewer")
    await done(nina, town, "data-review", environment="test")
    await approve(town, "test")
    await approve(town, "prod")
    assert (await town.decides())["allowed"]
    assert await decided_beside(town, lambda: reopen(nina, town, "data-review", environment="test")) == ["previous_environment_missing"]
    assert reasons(await town.asks()) == ["previous_environment_missing"]
    await done(nina, town, "data-review", environment="test")
    assert (await town.decides())["allowed"]


async def test_step_is_open_for_the_other_environment(town: Town) -> None:
    await define(town, {**TEST, "steps": REVIEW}, {**PROD, "steps": REVIEW, "previous_environment": "optional"})
    nina = await town.service.person("nina", "data-reviewer")
    await done(nina, town, "data-review", environment="test")
    assert reasons(await town.asks()) == ["step_open", "not_signed_off"]
