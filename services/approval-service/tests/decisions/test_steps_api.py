"""Steps of people on a real PostgreSQL: who completes them, in which order, for which bytes, and what they hold."""

from typing import Any

import httpx
import pytest

from placet_shared.identifiers import new_id

from ..conftest import Caller
from .conftest import ARTIFACT, WHY, Bank
from .test_token_issuers import issued

pytestmark = pytest.mark.postgres

STEPS: list[dict[str, Any]] = [
    {"name": "intake", "owner": "business", "completed_by": {"event": "registered"}},
    {"name": "data-review", "owner": "data-office", "completed_by": {"role": "data-reviewer"}, "due_after": "5d"},
    {"name": "validation", "completed_by": {"role": "validator"}},
    {"name": "sign-off", "owner": "risk", "completed_by": {"event": "signed_off"}},
    {"name": "go-live-review", "completed_by": {"role": "on-call"}},
    {"name": "in-production", "owner": "business", "completed_by": {"event": "deployed"}},
]
POLICY: dict[str, Any] = {
    "kind": "Policy",
    "environment": "prod",
    "previous_environment": "optional",
    "signatures": [{"role": "reviewer"}],
    "steps": STEPS,
}
LOOKED = "Looked at the data sheet: no leakage."


async def define(bank: Bank, **changes: Any) -> None:
    answer = await bank.dora.post("/v1/policies", {**POLICY, **changes})
    assert answer.status_code == 201, answer.text


async def complete(who: Caller, bank: Bank, step: str, **more: Any) -> httpx.Response:
    body = {"environment": "prod", "version_id": bank.version_id, "comment": LOOKED, **more}
    return await who.post(f"/v1/steps/{step}/complete", body)


async def reopen(who: Caller, bank: Bank, step: str, **more: Any) -> httpx.Response:
    body = {"environment": "prod", "version_id": bank.version_id, "reason": "The sheet was of another month.", **more}
    return await who.post(f"/v1/steps/{step}/reopen", body)


async def done(who: Caller, bank: Bank, step: str, **more: Any) -> dict[str, Any]:
    answer = await complete(who, bank, step, **more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def code(answer: httpx.Response) -> str:
    found: str = answer.json()["code"]
    return found


async def states(bank: Bank, **named: Any) -> dict[str, str]:
    answer = await bank.alice.get("/v1/steps", params={"environment": "prod", **(named or {"version_id": bank.version_id})})
    assert answer.status_code == 200, answer.text
    return {one["name"]: one["state"] for one in answer.json()["steps"]}


async def reasons(bank: Bank, **named: Any) -> list[str]:
    answer = await bank.ci.get("/v1/gate", params={"environment": "prod", **(named or {"version_id": bank.version_id})})
    return [reason["code"] for reason in answer.json()["reasons"]]


async def decided(bank: Bank) -> list[str]:
    answer = await bank.ci.post("/v1/gate", {"environment": "prod", "version_id": bank.version_id})
    return [reason["code"] for reason in answer.json()["reasons"]]


async def people(bank: Bank) -> tuple[Caller, Caller, Caller]:
    """A data reviewer, a validator, and one who is on call."""
    return (
        await bank.service.person("nina", "data-reviewer"),
        await bank.service.person("victor", "validator"),
        await bank.service.person("olga", "on-call"),
    )


async def another_model(bank: Bank, artifact: str = ARTIFACT) -> str:
    """The same bytes under another name."""
    bank.model_id = new_id()
    await bank.hears("registry", "ModelRegistered", {"model_id": bank.model_id, "name": "churn", "description": None, "tags": {}})
    return await bank.registers(1, artifact=artifact)


async def test_whole_process_with_steps(bank: Bank) -> None:
    await define(bank)
    nina, victor, olga = await people(bank)
    path = await bank.a_pending_sign_off()
    refused = await bank.bob.post(f"{path}/approve", WHY)
    assert code(refused) == "step_open"
    assert refused.json()["facts"]["steps"][0] == {"name": "data-review", "owner": "data-office", "role": "data-reviewer"}
    assert await reasons(bank) == ["step_open", "awaiting_signatures"]
    assert code(await complete(victor, bank, "validation")) == "step_not_reached"
    assert await done(nina, bank, "data-review", evidence=["d" * 64]) == {
        "step": "data-review", "complete": True, "model_id": bank.model_id, "version_id": bank.version_id, "environment": "prod",
        "artifact_sha256": ARTIFACT, "steps": [],
    }  # fmt: skip
    assert code(await complete(nina, bank, "data-review")) == "step_complete"
    await done(victor, bank, "validation")
    assert code(await complete(olga, bank, "go-live-review")) == "step_not_reached"
    assert (await bank.bob.post(f"{path}/approve", WHY)).status_code == 200
    assert await reasons(bank) == await decided(bank) == ["step_open"]  # what comes after the sign-off holds the gate alone
    await done(olga, bank, "go-live-review")
    assert await reasons(bank) == await decided(bank) == []
    assert await states(bank) == {
        "intake": "complete", "data-review": "complete", "validation": "complete", "sign-off": "complete", "go-live-review": "complete",
        "in-production": "current",
    }  # fmt: skip


async def test_step_shows_what_people_did_and_who_could_do_the_next(bank: Bank) -> None:
    await define(bank)
    nina, victor, _ = await people(bank)
    await bank.service.person("trudy", "validator")
    path = await bank.a_pending_sign_off()
    await done(nina, bank, "data-review", evidence=["d" * 64])
    shown = {one["name"]: one for one in (await bank.sees(path))["steps"]}
    review, validation = shown["data-review"], shown["validation"]
    assert (review["by"]["name"], review["said"]["text"], review["evidence"]) == ("nina", LOOKED, ["d" * 64])
    assert (validation["state"], [one["name"] for one in validation["can_complete"]]) == ("current", ["victor", "trudy"])
    assert (validation["since"], validation["due_at"], shown["sign-off"]["since"]) == (review["at"], None, None)
    await reopen(victor, bank, "validation")
    answer = await reopen(nina, bank, "data-review")
    assert answer.json()["steps"] == ["data-review"]
    review = (await bank.sees(path))["steps"][1]
    assert (review["state"], review["reopened"]["by"]["name"], review["reopened"]["said"]["text"]) == (
        "current", "nina", "The sheet was of another month.",
    )  # fmt: skip
    assert review["since"] == review["reopened"]["at"]
    assert (review["due_at"] > review["since"], review["overdue"]) == (True, False)


async def test_who_has_a_part_or_not_the_role_completes_no_step(bank: Bank) -> None:
    await define(bank)
    nina, victor, _ = await people(bank)
    await bank.adds_lineage(bank.alice.id, (nina.id,))
    refused = await complete(nina, bank, "data-review")
    assert (code(refused), refused.json()["facts"]["because"]) == ("separation_of_duties", ["trainer"])
    assert code(await complete(victor, bank, "data-review")) == "role_not_held"
    both = await bank.service.person("rita", "data-reviewer", "developer")
    request = {"environment": "prod", "version_id": bank.version_id, **WHY}
    await bank.verifies()
    assert (await both.post("/v1/sign-offs", request)).status_code == 201
    assert code(await complete(both, bank, "data-review")) == "separation_of_duties"
    assert code(await complete(bank.ci, bank, "data-review")) == "people_only"


async def test_completion_ends_to_count_when_its_author_turns_out_to_have_a_part(bank: Bank) -> None:
    await define(bank)
    nina, victor, olga = await people(bank)
    path = await bank.a_pending_sign_off()
    await done(nina, bank, "data-review")
    await done(victor, bank, "validation")
    await bank.bob.post(f"{path}/approve", WHY)
    await done(olga, bank, "go-live-review")
    assert await reasons(bank) == []
    await bank.adds_lineage(bank.alice.id, (nina.id,))
    assert await reasons(bank) == await decided(bank) == ["step_open"]
    assert (await states(bank))["data-review"] == "current"
    other = await bank.service.person("noah", "data-reviewer")
    await done(other, bank, "data-review")
    assert await reasons(bank) == await decided(bank) == []


async def test_person_who_completed_a_step_and_requests_then_has_completed_nothing(bank: Bank) -> None:
    await define(bank, steps=STEPS[:2])
    rita = await bank.service.person("rita", "data-reviewer", "developer")
    await done(rita, bank, "data-review")
    assert (await states(bank))["data-review"] == "complete"
    await bank.verifies()
    answer = await rita.post("/v1/sign-offs", {"environment": "prod", "version_id": bank.version_id, **WHY})
    assert answer.status_code == 201
    assert (await states(bank))["data-review"] == "current"
    assert code(await bank.bob.post(f"/v1/sign-offs/{answer.json()['id']}/approve", WHY)) == "step_open"


async def test_step_counts_for_the_same_bytes_of_the_model_and_for_no_others(bank: Bank) -> None:
    await define(bank, steps=STEPS[:2])
    nina, *_ = await people(bank)
    await done(nina, bank, "data-review")
    again, other = await bank.registers(2), await bank.registers(3, artifact="c" * 64)
    assert (await states(bank, version_id=again))["data-review"] == "complete"
    assert await reasons(bank, version_id=again) == ["not_signed_off"]
    assert (await states(bank, version_id=other))["data-review"] == "current"
    assert await reasons(bank, version_id=other) == ["step_open", "not_signed_off"]
    copy = await another_model(bank)
    assert (await states(bank, version_id=copy))["data-review"] == "current"
    assert await reasons(bank, version_id=copy) == ["step_open", "not_signed_off"]


async def test_reopened_step_is_open_for_the_same_bytes_under_every_name(bank: Bank) -> None:
    await define(bank, steps=STEPS[:3])
    nina, victor, _ = await people(bank)
    first = bank.version_id
    await done(nina, bank, "data-review")
    await done(victor, bank, "validation")
    bank.version_id = await another_model(bank)
    await done(nina, bank, "data-review")
    answer = await reopen(nina, bank, "data-review")
    assert answer.json()["steps"] == ["data-review", "validation"]  # what rests on it is open again too
    assert await states(bank, version_id=first) == {"intake": "complete", "data-review": "current", "validation": "waiting"}
    assert await reasons(bank, version_id=first) == ["step_open", "not_signed_off"]


async def test_new_round_and_a_no_shed_no_completion(bank: Bank) -> None:
    await define(bank, steps=STEPS[:2])
    nina, *_ = await people(bank)
    path = await bank.a_pending_sign_off()
    await done(nina, bank, "data-review")
    assert (await bank.alice.post(f"{path}/reset", WHY)).status_code == 200
    await bank.bob.post(f"{path}/reject", WHY)
    assert (await states(bank))["data-review"] == "complete"
    assert await reasons(bank) == ["rejected"]


async def test_step_that_the_policy_drops_after_the_request_is_not_passed_over(bank: Bank) -> None:
    await define(bank, steps=STEPS[:2])
    path = await bank.a_pending_sign_off()
    await define(bank, steps=[])
    assert code(await bank.bob.post(f"{path}/approve", WHY)) == "step_open", "the terms of the request count"
    assert "step_open" in await reasons(bank)


async def test_step_that_another_role_completes_now_is_open(bank: Bank) -> None:
    await define(bank, steps=STEPS[:2])
    nina, *_ = await people(bank)
    await done(nina, bank, "data-review")
    await define(bank, steps=[{"name": "data-review", "completed_by": {"role": "validator"}}])
    assert await states(bank) == {"data-review": "current"}
    assert await reasons(bank) == ["step_open", "not_signed_off"]
    await define(bank, steps=[*STEPS[:2], STEPS[2]])
    assert (await states(bank))["data-review"] == "complete"


async def test_only_the_role_and_admins_reopen_what_is_complete(bank: Bank) -> None:
    await define(bank, steps=STEPS[:2])
    nina, victor, _ = await people(bank)
    assert code(await reopen(nina, bank, "data-review")) == "step_not_complete"
    await done(nina, bank, "data-review")
    assert code(await reopen(victor, bank, "data-review")) == "role_not_held"
    assert (await reopen(bank.dora, bank, "data-review")).status_code == 200
    assert code(await reopen(bank.dora, bank, "data-review")) == "step_not_complete"
    assert code(await reopen(bank.dora, bank, "intake")) == "step_not_by_hand"
    assert code(await reopen(bank.dora, bank, "audit")) == "step_not_found"


async def test_steps_of_an_unknown_version_are_not_found(bank: Bank) -> None:
    await define(bank)
    answer = await bank.alice.get("/v1/steps", params={"environment": "prod", "model": "fraud", "number": 9})
    assert (answer.status_code, code(answer)) == (404, "version_not_found")
    answer = await bank.alice.get("/v1/steps", params={"environment": "prod", "model": "fraud"})
    assert (answer.status_code, code(answer)) == (422, "malformed")
    assert (await states(bank, model="fraud", number=1))["intake"] == "complete"


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([{"name": "a", "owner": "x-y", "completed_by": {"event": "registered", "role": "reviewer"}}], "either `event` or `role`"),
        ([{"name": "a", "owner": "x-y", "completed_by": {}}], "either `event` or `role`"),
        ([{"name": "a", "completed_by": {"event": "registered"}}], "an `owner`"),
        ([{"name": "a", "completed_by": {"role": "reviewer"}}] * 2, "names each step once"),
        ([{"name": "a", "owner": "x-y", "completed_by": {"event": "soaked"}}], "only with `soak`"),
        ([{"name": "Data review!", "completed_by": {"role": "reviewer"}}], "steps"),
        ([{"name": "a", "owner": "x-y", "completed_by": {"event": "lunch"}}], "registered"),
    ],
)
async def test_policy_with_steps_that_mean_nothing_is_refused(bank: Bank, steps: list[Any], says: str) -> None:
    answer = await bank.dora.post("/v1/policies", {**POLICY, "steps": steps})
    assert (answer.status_code, says in answer.text) == (422, True), answer.text


async def test_events_of_sign_offs_complete_no_step_where_none_is_asked_for(bank: Bank) -> None:
    answer = await bank.dora.post("/v1/policies", {**POLICY, "signatures": []})
    assert (answer.status_code, "only with `signatures`" in answer.text) == (422, True), answer.text


async def waiting(who: Caller) -> list[tuple[str, str]]:
    return [(one["environment"], one["step"]) for one in (await who.get("/v1/inbox")).json()["to_complete"]]


async def test_inbox_shows_the_step_whose_turn_it_is_to_those_who_may_complete_it(bank: Bank) -> None:
    await define(bank)
    nina, victor, olga = await people(bank)
    other = await bank.service.person("noah", "data-reviewer")
    await bank.adds_lineage(bank.alice.id, (other.id,))
    assert [await waiting(one) for one in (nina, victor, olga, other, bank.bob)] == [[("prod", "data-review")], [], [], [], []]
    await done(nina, bank, "data-review")
    assert [await waiting(one) for one in (nina, victor, olga)] == [[], [("prod", "validation")], []]
    await done(victor, bank, "validation")
    path = await bank.a_pending_sign_off()
    await bank.bob.post(f"{path}/approve", WHY)
    [found] = (await olga.get("/v1/inbox")).json()["to_complete"]
    assert (found["model"], found["number"], found["step"], found["role"], found["due_at"]) == (
        "fraud",
        1,
        "go-live-review",
        "on-call",
        None,
    )
    bank.version_id = await bank.registers(2, artifact="c" * 64)
    assert [await waiting(one) for one in (nina, olga)] == [[("prod", "data-review")], [("prod", "go-live-review")]]


async def on_the_board(bank: Bank, **query: Any) -> list[dict[str, Any]]:
    answer = await bank.alice.get("/v1/board", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_board_shows_the_current_step_and_who_could_complete_it(bank: Bank) -> None:
    await define(bank)
    nina, victor, _ = await people(bank)
    path = await bank.a_pending_sign_off()
    [row] = await on_the_board(bank, environment="prod")
    current = row["places"][0]["current_step"]
    assert (current["name"], current["owner"], current["role"], current["complete"], current["steps"]) == (
        "data-review", "data-office", "data-reviewer", 1, 6,
    )  # fmt: skip
    assert [one["name"] for one in current["can_complete"]] == ["nina"]
    assert (row["next"]["waits_for"], row["next"]["missing"]) == ("steps", ["data-review", "validation"])
    await done(nina, bank, "data-review")
    await done(victor, bank, "validation")
    [row] = await on_the_board(bank, environment="prod")
    assert (row["next"]["waits_for"], row["next"]["current_step"]["name"]) == ("signatures", "sign-off")
    await bank.bob.post(f"{path}/approve", WHY)
    [row] = await on_the_board(bank, environment="prod")
    assert (row["next"]["waits_for"], row["next"]["current_step"]["name"]) == ("steps", "go-live-review")


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"step": "data-review"}, 1),
        ({"step": "validation"}, 0),
        ({"owner": "data-office"}, 1),
        ({"owner": "risk"}, 0),
        ({"step": "data-review", "owner": "risk"}, 0),
        ({"step": "data-review", "environment": "test"}, 0),
        ({"risk_tier": "high"}, 1),
        ({"risk_tier": "low"}, 0),
        ({"risk_tier": "high", "owner": "data-office", "waits_for": "request"}, 1),
    ],
)
async def test_board_is_filtered_by_step_owner_and_tier(bank: Bank, query: dict[str, str], fits: int) -> None:
    await define(bank)
    await bank.hears("registry", "ModelTagged", {"model_id": bank.model_id, "key": "governance/risk-tier", "value": "high"})
    assert len(await on_the_board(bank, **query)) == fits


async def test_step_that_takes_too_long_is_overdue(bank: Bank) -> None:
    await define(bank)
    nina, *_ = await people(bank)
    await bank.connection.execute("update known_versions set registered_at = registered_at - interval '6 days'")
    [row] = await on_the_board(bank, environment="prod")
    [waits] = (await nina.get("/v1/inbox")).json()["to_complete"]
    assert (row["places"][0]["current_step"]["overdue"], waits["overdue"]) == (True, True)
    assert await reasons(bank) == ["step_open", "not_signed_off"]


async def test_borrowed_token_completes_no_step(bank: Bank) -> None:
    await define(bank)
    nina, *_ = await people(bank)
    borrowed = await issued(bank, bank.dora, nina)
    await bank.adds_lineage(bank.alice.id, (bank.dora.id,))
    assert code(await complete(borrowed, bank, "data-review")) == "token_issued_by_another"
    assert (await states(bank))["data-review"] == "current"
