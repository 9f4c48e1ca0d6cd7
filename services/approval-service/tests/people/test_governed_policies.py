"""Two admins for a policy that asks for less: one alone opens no environment."""

import asyncio
from typing import Any

import httpx
import pytest

from placet_approval.adapters.first_people import FirstPeople

from ..conftest import Caller, Service

pytestmark = pytest.mark.postgres

WAITING = {"open": "true"}
PROD: dict[str, Any] = {
    "kind": "Policy",
    "environment": "prod",
    "signatures": [{"role": "reviewer"}, {"role": "risk-officer"}],
    "evidence": {"verification": {}},
}
WEAKER = {**PROD, "signatures": [{"role": "reviewer"}]}
HIGH = {
    **PROD,
    "name": "high",
    "for": {"tags": {"governance/risk": "high"}},
    "signatures": [{"role": "reviewer", "count": 2}, *PROD["signatures"][1:]],
}
FLOOR = {**PROD, "kind": "Floor", "name": "bank", "mode": "prevent", "previous_environment": "required", "expires_after": "10d"}
OPEN_STAGE = {**PROD, "environment": "stage", "signatures": [], "mode": "allow", "previous_environment": "optional"}
SIGNED_STAGE = {"kind": "Floor", "environment": "stage", "name": "bank", "signatures": [{"role": "reviewer"}]}


@pytest.fixture
async def olga(service: Service) -> Caller:
    """A second admin, made on the server, in an installation that asks for two."""
    olga = service.caller(await FirstPeople(service.store).make_admin("olga"))
    olga.id = (await olga.get("/v1/whoami")).json()["id"]
    assert (await service.dora.post("/v1/access-policy", {"kind": "AccessPolicy", "two_admins": True})).json()["changed"]
    return olga


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["resolve"]


async def waiting(by: Caller, document: dict[str, Any]) -> str:
    answer = await by.post("/v1/policies", document)
    assert (answer.status_code, answer.json()["changed"]) == (202, False), answer.text
    change: str = answer.json()["proposed_change"]
    return change


async def withdrawing(by: Caller, name: str) -> str:
    answer = await by.post(f"/v1/policies/prod/{name}/withdrawal", {"reason": "not used any more"})
    assert answer.status_code == 202, answer.text
    change: str = answer.json()["proposed_change"]
    return change


async def defined(by: Caller, document: dict[str, Any]) -> tuple[bool, list[str]]:
    """Whether it was made, and what it weakens."""
    answer = await by.post("/v1/policies", document)
    assert answer.status_code in (200, 201, 202), answer.text
    body = answer.json()
    assert body["changed"] == (answer.status_code == 201)
    assert (body["proposed_change"] is not None) == (answer.status_code == 202) == bool(body["weakens"])
    return body["changed"], body["weakens"]


async def newest(service: Service, name: str) -> tuple[int, str | None] | None:
    """Version and mode of the newest version that was not withdrawn."""
    found = (await service.dora.get("/v1/policies/prod")).json()["for_models"]
    return next(((one["version"], one["mode"]) for one in found if one["name"] == name and one["withdrawn_at"] is None), None)


async def version(service: Service, environment: str = "prod") -> int:
    found: int = (await service.dora.get(f"/v1/policies/{environment}")).json()["current"]["version"]
    return found


async def test_weaker_policy_waits_for_a_second_admin(service: Service, olga: Caller) -> None:
    proposed = await service.dora.post("/v1/policies", WEAKER)
    assert (proposed.status_code, proposed.json()["weakens"]) == (202, ["fewer signatures, or of other roles"])
    assert (proposed.json()["version"], await version(service)) == (1, 1), "nothing has changed yet"
    change = proposed.json()["proposed_change"]
    refused(await service.dora.post(f"/v1/access-changes/{change}/confirm"), 403, "second_admin_required")
    [shown] = (await olga.get("/v1/access-changes", params=WAITING)).json()["items"]
    assert (shown["kind"], shown["policy"]["environment"], shown["policy"]["replaces"]) == ("policy", "prod", 1)
    assert (shown["policy"]["weakens"], len(shown["policy"]["content"]["signatures"])) == (proposed.json()["weakens"], 1)
    confirmed = await olga.post(f"/v1/access-changes/{change}/confirm")
    assert (confirmed.status_code, confirmed.json()["environment"]) == (200, "prod"), confirmed.text
    assert await version(service) == 2
    assert (await service.dora.post("/v1/policies", WEAKER)).json()["changed"] is False, "it says so now"
    defined = (await service.dora.get("/v1/policies/prod")).json()["current"]
    assert (defined["defined_by"], len(defined["content"]["signatures"])) == (olga.id, 1)


async def test_stricter_policy_is_in_force_at_once(service: Service, olga: Caller) -> None:
    stricter = {**PROD, "signatures": [{"role": "reviewer", "count": 2}, {"role": "risk-officer"}]}
    answer = await service.dora.post("/v1/policies", stricter)
    assert (answer.status_code, answer.json()["changed"], answer.json()["proposed_change"]) == (201, True, None)


async def test_weaker_policy_needs_one_admin_where_one_is_enough(service: Service) -> None:
    answer = await service.dora.post("/v1/policies", WEAKER)
    assert (answer.status_code, answer.json()["version"], answer.json()["weakens"]) == (201, 2, [])


async def test_proposal_against_another_version_is_not_confirmed(service: Service, olga: Caller) -> None:
    """Else one proposes to drop a little, and has it confirmed when another admin has made much stricter what it replaces."""
    change = await waiting(service.dora, WEAKER)
    stricter = {**PROD, "signatures": [{"role": "reviewer", "count": 3}, {"role": "risk-officer"}]}
    assert (await olga.post("/v1/policies", stricter)).status_code == 201
    refused(await olga.post(f"/v1/access-changes/{change}/confirm"), 409, "policy_changed_meanwhile")
    assert await version(service) == 2
    assert (await olga.post(f"/v1/access-changes/{change}/withdraw")).json()["state"] == "withdrawn"


async def test_proposal_and_a_stricter_policy_at_the_same_instant(service: Service, olga: Caller) -> None:
    change = await waiting(service.dora, WEAKER)
    stricter = {**PROD, "signatures": [{"role": "reviewer", "count": 3}, {"role": "risk-officer"}]}
    confirmed, defined = await asyncio.gather(
        olga.post(f"/v1/access-changes/{change}/confirm"), service.dora.post("/v1/policies", stricter)
    )
    assert defined.status_code == 201, defined.text
    now = (await service.dora.get("/v1/policies/prod")).json()["current"]["content"]["signatures"]
    assert now[0]["count"] == 3, "the stricter one is in force, whichever came first"
    assert confirmed.status_code in (200, 409)


async def test_token_that_the_proposer_issued_confirms_nothing(service: Service, olga: Caller) -> None:
    puppet = (await service.dora.post("/v1/people", {"name": "puppet", "roles": ["admin"]})).json()
    issued = (await service.dora.post("/v1/tokens", {"holder": "puppet"})).json()
    for change in (puppet["proposed_change"], issued["proposed_change"]):
        assert (await olga.post(f"/v1/access-changes/{change}/confirm")).status_code == 200
    change = await waiting(service.dora, WEAKER)
    refused(await service.caller(issued["token"]).post(f"/v1/access-changes/{change}/confirm"), 403, "token_issued_by_another")


async def test_policy_that_would_stand_for_the_environments_before_waits(service: Service, olga: Caller) -> None:
    """An environment between test and production with a signature of its own, and nothing asked for before it: test would be shed."""
    between = {**WEAKER, "environment": "stage", "previous_environment": "optional"}
    proposed = (await service.dora.post("/v1/policies", between)).json()
    assert (proposed["weakens"], proposed["version"]) == (["stands for the environments before it"], 0)
    assert (await service.dora.get("/v1/policies/stage")).status_code == 404
    assert (await service.dora.post("/v1/policies", {**between, "previous_environment": "required"})).status_code == 201


async def test_first_policy_of_an_environment_that_asks_before_is_one_admins(service: Service, olga: Caller) -> None:
    answer = await service.dora.post("/v1/policies", {**WEAKER, "environment": "stage", "signatures": [{"role": "reviewer"}]})
    assert (answer.status_code, answer.json()["proposed_change"]) == (201, None)


async def test_first_policy_that_was_proposed_is_defined_when_it_is_confirmed(service: Service, olga: Caller) -> None:
    change = await waiting(service.dora, {**WEAKER, "environment": "stage", "previous_environment": "optional"})
    assert (await olga.post(f"/v1/access-changes/{change}/confirm")).status_code == 200
    assert await version(service, "stage") == 1


async def test_weaker_policy_of_some_models_waits_for_a_second_admin(service: Service, olga: Caller) -> None:
    assert await defined(service.dora, HIGH) == (True, [])
    proposed = (await service.dora.post("/v1/policies", {**HIGH, "expires_after": "10d", "mode": "warn"})).json()
    assert (proposed["version"], proposed["weakens"]) == (1, ["milder mode"])
    [shown] = (await olga.get("/v1/access-changes", params=WAITING)).json()["items"]
    assert (shown["policy"]["name"], shown["policy"]["kind"], shown["policy"]["replaces"]) == ("high", "policy", 1)
    assert await newest(service, "high") == (1, "prevent")
    assert (await olga.post(f"/v1/access-changes/{proposed['proposed_change']}/confirm")).status_code == 200
    assert (await newest(service, "high"), await version(service)) == ((2, "warn"), 1), "the environment's own is as it was"


async def test_first_policy_of_some_models_is_held_against_the_environments_own(service: Service, olga: Caller) -> None:
    """Attack: leave the environment's policy as it is, and put a mild one before it for the model that is to pass."""
    mild = {**WEAKER, "name": "mild", "for": {"models": ["fraud"]}}
    proposed = (await service.dora.post("/v1/policies", mild)).json()
    assert (proposed["version"], proposed["weakens"]) == (0, ["fewer signatures, or of other roles"])
    assert await newest(service, "mild") is None
    assert (await olga.post(f"/v1/access-changes/{proposed['proposed_change']}/confirm")).status_code == 200
    assert await newest(service, "mild") == (1, "prevent")


async def test_first_policy_of_some_models_is_held_against_those_of_others(service: Service, olga: Caller) -> None:
    """Attack: a policy as strict as the environment's own, for a model that a stricter one was for; a name comes before a tag."""
    assert await defined(service.dora, HIGH) == (True, [])
    aside = {**PROD, "name": "aside", "for": {"models": ["fraud"]}}
    assert await defined(service.dora, aside) == (False, ["fewer signatures, or of other roles"])


async def test_policy_for_other_models_than_before_waits(service: Service, olga: Caller) -> None:
    assert await defined(service.dora, HIGH) == (True, [])
    assert await defined(service.dora, {**HIGH, "for": {"models": ["nothing"]}}) == (False, ["for other models"])


async def test_withdrawn_policy_is_no_measure_for_the_next_of_its_name(service: Service, olga: Caller) -> None:
    """Attack: have a mild policy withdrawn, which looks strict, and define it anew as one that replaces itself."""
    mild = {**WEAKER, "name": "mild", "for": {"models": ["fraud"]}}
    change = await waiting(service.dora, mild)
    assert (await olga.post(f"/v1/access-changes/{change}/confirm")).status_code == 200
    change = await withdrawing(service.dora, "mild")
    assert (await olga.post(f"/v1/access-changes/{change}/confirm")).status_code == 200
    assert await defined(service.dora, mild) == (False, ["fewer signatures, or of other roles"])


async def test_withdrawn_policy_holds_no_other_one(service: Service, olga: Caller) -> None:
    assert await defined(service.dora, HIGH) == (True, [])
    change = await withdrawing(service.dora, "high")
    assert (await olga.post(f"/v1/access-changes/{change}/confirm")).status_code == 200
    assert await defined(service.dora, {**PROD, "name": "aside", "for": {"models": ["fraud"]}}) == (True, [])


async def test_first_own_policy_is_held_against_those_of_some_models(service: Service, olga: Caller) -> None:
    """Attack: the tag is taken from a model afterwards, and nothing was in force for it before."""
    assert await defined(service.dora, {**HIGH, "environment": "stage"}) == (True, [])
    assert await defined(service.dora, {**PROD, "environment": "stage"}) == (False, ["fewer signatures, or of other roles"])


@pytest.mark.parametrize(
    ("changes", "weaker"),
    [
        ({"signatures": [{"role": "reviewer"}]}, ["fewer signatures, or of other roles"]),
        ({"mode": None}, ["milder mode"]),
        ({"previous_environment": None}, ["no approval in the environment before"]),
        ({"expires_after": None}, ["approvals valid for longer"]),
        ({"evidence": None}, ["less evidence"]),
        ({"for": {"models": ["fraud"]}}, ["for other models"]),
    ],
)
async def test_weaker_floor_waits_for_a_second_admin(service: Service, olga: Caller, changes: dict[str, Any], weaker: list[str]) -> None:
    assert await defined(service.dora, FLOOR) == (True, [])
    milder = {name: value for name, value in {**FLOOR, **changes}.items() if value is not None}
    proposed = (await service.dora.post("/v1/policies", milder)).json()
    assert (proposed["changed"], proposed["version"], proposed["weakens"]) == (False, 1, weaker)
    [shown] = (await olga.get("/v1/access-changes", params=WAITING)).json()["items"]
    assert (shown["policy"]["name"], shown["policy"]["kind"]) == ("bank", "floor")
    confirmed = await olga.post(f"/v1/access-changes/{proposed['proposed_change']}/confirm")
    assert (confirmed.status_code, await newest(service, "bank")) == (200, (2, milder.get("mode")))


async def test_stricter_floor_is_in_force_at_once(service: Service, olga: Caller) -> None:
    assert await defined(service.dora, FLOOR) == (True, [])
    assert await defined(service.dora, {**FLOOR, "soak": "1d", "expires_after": "5d"}) == (True, [])
    assert await defined(service.dora, {**FLOOR, "soak": "1d", "expires_after": "5d"}) == (False, []), "the same once more"


@pytest.mark.parametrize("document", ["HIGH", "FLOOR"])
async def test_withdrawal_waits_for_a_second_admin(service: Service, olga: Caller, document: str) -> None:
    what = {"HIGH": HIGH, "FLOOR": FLOOR}[document]
    assert await defined(service.dora, what) == (True, [])
    change = await withdrawing(service.dora, what["name"])
    assert await newest(service, what["name"]) == (1, "prevent"), "it counts while it waits"
    refused(await service.dora.post(f"/v1/access-changes/{change}/confirm"), 403, "second_admin_required")
    [shown] = (await olga.get("/v1/access-changes", params=WAITING)).json()["items"]
    assert (shown["policy"]["name"], shown["policy"]["weakens"]) == (what["name"], ["withdrawn"])
    assert (await olga.post(f"/v1/access-changes/{change}/confirm")).status_code == 200
    assert await newest(service, what["name"]) is None


async def test_withdrawal_that_was_proposed_before_a_new_version_is_not_confirmed(service: Service, olga: Caller) -> None:
    assert await defined(service.dora, HIGH) == (True, [])
    change = await withdrawing(service.dora, "high")
    assert await defined(olga, {**HIGH, "expires_after": "5d"}) == (True, [])
    refused(await olga.post(f"/v1/access-changes/{change}/confirm"), 409, "policy_changed_meanwhile")
    assert await newest(service, "high") == (2, "prevent")


async def test_withdrawal_needs_one_admin_where_one_is_enough(service: Service) -> None:
    assert await defined(service.dora, HIGH) == (True, [])
    answer = await service.dora.post("/v1/policies/prod/high/withdrawal", {"reason": "no such models"})
    assert (answer.status_code, answer.json()["proposed_change"], await newest(service, "high")) == (201, None, None)


async def test_floor_that_would_make_an_environment_stand_for_those_before_waits(service: Service, olga: Caller) -> None:
    """Attack: stage asks for no signature, so production asks for test's; a floor gives stage one, and test is shed."""
    assert await defined(service.dora, OPEN_STAGE) == (True, [])
    change = await waiting(service.dora, SIGNED_STAGE)
    assert await defined(service.dora, {**SIGNED_STAGE, "for": {"models": ["fraud"]}}) == (False, ["stands for the environments before it"])
    assert await defined(service.dora, {**SIGNED_STAGE, "previous_environment": "required"}) == (True, [])
    assert (await olga.post(f"/v1/access-changes/{change}/confirm")).json()["code"] == "policy_changed_meanwhile"


async def test_floor_that_stands_already_is_not_proposed_once_more(service: Service, olga: Caller) -> None:
    some = {**SIGNED_STAGE, "for": {"models": ["fraud"]}}
    assert await defined(service.dora, OPEN_STAGE) == (True, [])
    change = await waiting(service.dora, some)
    assert (await olga.post(f"/v1/access-changes/{change}/confirm")).status_code == 200
    assert await defined(service.dora, some) == (False, [])


@pytest.mark.parametrize("selected", [{}, {"for": {"models": ["fraud"]}}])
async def test_policy_under_a_floor_that_signs_waits_as_if_it_signed(service: Service, olga: Caller, selected: dict[str, Any]) -> None:
    """The same in the other order."""
    assert await defined(service.dora, {**SIGNED_STAGE, **selected}) == (True, [])
    assert await defined(service.dora, OPEN_STAGE) == (False, ["stands for the environments before it"])


async def test_name_of_the_other_kind_is_refused_before_it_is_proposed(service: Service, olga: Caller) -> None:
    assert await defined(service.dora, {**FLOOR, "name": "high"}) == (True, [])
    refused(await service.dora.post("/v1/policies", {**HIGH, "mode": "allow"}), 409, "policy_name_taken")


async def test_dry_run_tells_what_is_weaker_and_proposes_nothing(service: Service, olga: Caller) -> None:
    checked = await olga.post("/v1/policies?dry_run=true", WEAKER)
    assert (checked.status_code, checked.json()["weakens"]) == (200, ["fewer signatures, or of other roles"])
    assert (await olga.get("/v1/access-changes", params=WAITING)).json()["items"] == []


async def test_if_match_holds_a_proposal_too(service: Service, olga: Caller) -> None:
    refused(await service.dora.post("/v1/policies", WEAKER, headers={"If-Match": '"7"'}), 412, "precondition_failed")


async def test_largest_policy_that_can_be_written_can_be_proposed(service: Service, olga: Caller) -> None:
    roles = [[f"r{group:02}{index:02}" + "x" * 35 for index in range(20)] for group in range(20)]
    many = [{"any_of": one, "count": 20} for one in roles]
    holidays = [f"{year}-{month:02}-{day:02}" for year in (2027, 2028) for month in range(1, 13) for day in range(1, 21)]
    strict = {**PROD, "signatures": many, "feedback": [{"group": one[0], "any_of": one} for one in roles]}
    strict["deadlines"] = {"expire_after": "9d", "holidays": holidays}
    assert await waiting(service.dora, strict)
