"""The board: a model's newest version, step by step, and pages that go on where a filter fits few."""

from typing import Any

import pytest

from placet_approval.queries.board import BoardFilter, read_board
from placet_shared.identifiers import new_id

from .conftest import WHY, Bank
from .releases import a_version_of

pytestmark = pytest.mark.postgres


async def page(bank: Bank, **query: Any) -> dict[str, Any]:
    answer = await bank.alice.get("/v1/board", params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def row(bank: Bank, **query: Any) -> dict[str, Any]:
    [found] = (await page(bank, **query))["items"]
    assert isinstance(found, dict)
    return found


def step(found: dict[str, Any], environment: str = "prod") -> tuple[Any, ...]:
    [place] = [one for one in found["places"] if one["environment"] == environment]
    return place["step"], place["waits_for"], place["missing"]


async def deployed(bank: Bank, environment: str, artifact: str = "a" * 64) -> None:
    data = {
        "deployment_id": new_id(), "environment": environment, "model_id": bank.model_id, "version_id": bank.version_id,
        "sha256": artifact, "permit_id": None,
    }  # fmt: skip
    await bank.hears("registry", "DeploymentReported", data)


async def test_version_walks_over_the_board(bank: Bank) -> None:
    bank.version_id = await bank.registers(2, artifact="c" * 64)
    found = await row(bank)
    assert (found["model"], found["number"], [one["environment"] for one in found["places"]]) == ("fraud", 2, ["dev", "test", "prod"])
    assert step(found) == ("registered", "verification", ["prod-checks"])
    assert (step(found, "dev"), step(found, "test")) == (("registered", "deployment", []), ("registered", "request", []))
    assert (found["next"]["environment"], found["next"]["waits_for"]) == ("test", "request")
    await bank.verifies()
    assert step(await row(bank)) == ("verified", "request", [])
    path = await bank.a_pending_sign_off()
    await bank.bob.post(f"{path}/approve", WHY)
    found = await row(bank, environment="prod")
    assert step(found) == ("requested", "signatures", ["1 × risk-officer"])
    assert ([one["have"] for one in found["places"]], [one["need"] for one in found["places"]]) == ([1], [2])
    assert f"/v1/sign-offs/{found['next']['sign_off_id']}" == path
    await bank.carol.post(f"{path}/approve", WHY)
    assert step(await row(bank)) == ("approved", "deployment", [])
    await deployed(bank, "prod", "c" * 64)
    found = await row(bank)
    assert step(found) == ("deployed", None, [])
    live = found["live_number"], found["live_environment"], 0 <= found["lead_time_seconds"] < 3600
    assert live == (2, "prod", True)
    bank.version_id = await bank.registers(3, artifact="d" * 64)
    found = await row(bank)
    assert (found["number"], found["live_number"], step(found)[0]) == (3, 2, "registered")


async def test_signature_of_a_person_who_left_does_not_count_and_an_end_without_a_yes_is_shown(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    await bank.bob.post(f"{path}/approve", WHY)
    await bank.dora.post(f"/v1/people/{bank.bob.id}/roles", {"roles": ["auditor"]})
    assert step(await row(bank)) == ("requested", "signatures", ["1 × reviewer", "1 × risk-officer"])
    await bank.carol.post(f"{path}/reject", WHY)
    found = await row(bank)
    assert step(found) == ("verified", "request", [])
    assert [one["ended"] for one in found["places"]] == [None, None, "rejected"]


async def test_environment_before_is_waited_for_where_the_policy_asks(bank: Bank) -> None:
    policy = {"kind": "Policy", "environment": "prod", "signatures": [{"role": "reviewer"}]}
    assert (await bank.dora.post("/v1/policies", policy)).status_code == 201
    assert step(await row(bank)) == ("verified", "previous_environment", ["test"])


async def test_qualification_is_what_admins_have_tagged(bank: Bank) -> None:
    await bank.hears("registry", "ModelTagged", {"model_id": bank.model_id, "key": "governance/risk", "value": "high"})
    assert (await row(bank))["qualification"] == {"risk": "high"}


async def names(bank: Bank, **query: Any) -> tuple[list[str], int]:
    """Over all pages, and how many there were."""
    found, pages, cursor = [], 0, None
    while cursor or not pages:
        answer = await page(bank, **query, **({"cursor": cursor} if cursor else {}))
        found += [one["model"] for one in answer["items"]]
        pages, cursor = pages + 1, answer["next_cursor"]
    return found, pages


async def registered(bank: Bank, *models: str) -> None:
    for name in models:
        data: dict[str, Any] = {"model_id": new_id(), "name": name, "description": None, "tags": {}}
        await bank.hears("registry", "ModelRegistered", data)


async def test_pages_go_by_name_and_names_by_their_beginning(bank: Bank) -> None:
    await registered(bank, "credit", "fraud-2", "Fraud", "churn")
    assert await names(bank, limit=2) == (["Fraud", "churn", "credit", "fraud", "fraud-2"], 3)
    assert await names(bank, model="fraud*", limit=1) == (["fraud", "fraud-2"], 2)
    assert await names(bank, model="fraud") == (["fraud"], 1)
    assert await names(bank, model="f%") == ([], 1)


async def test_filter_that_few_fit_ends_a_page_early_and_the_next_goes_on(bank: Bank) -> None:
    await registered(bank, "a", "b", "c", "z")
    wanted, found, pages, place = BoardFilter(waits_for="request"), [], 0, None
    while place or not pages:
        rows, place = await read_board(bank.store.pool, wanted, place, 50, most=2)
        found += [[row.model for row in rows]]
        pages += 1
    assert found == [[], ["fraud"], []]
    assert await names(bank, waits_for="request") == (["fraud"], 1)
    assert await names(bank, waits_for="signatures") == ([], 1)


async def test_lead_time_is_to_the_last_environment_that_prevents_in_which_the_model_ran(bank: Bank) -> None:
    """Not to one behind it, for trying things out or of other models."""
    for after, name in (("prod", "demo"), ("demo", "other")):
        await bank.hears("registry", "EnvironmentDefined", {"name": name, "after": after})
    demo = {"kind": "Policy", "environment": "demo", "mode": "allow", "signatures": []}
    other = {"kind": "Policy", "environment": "other", "signatures": [{"role": "reviewer"}]}
    for policy in (demo, other):
        assert (await bank.dora.post("/v1/policies", policy)).status_code == 201
    assert (await row(bank))["live_environment"] is None
    for environment in ("dev", "test", "prod", "demo"):
        await deployed(bank, environment)
        found = await row(bank)
        live = {"dev": (None, None), "test": (1, "test")}.get(environment, (1, "prod"))
        assert (found["live_number"], found["live_environment"], found["lead_time_seconds"] is None) == (*live, live[0] is None)


async def renews(bank: Bank) -> str:
    """A second approval of the same version: its path."""
    await bank.an_approved_sign_off()
    return await bank.an_approved_sign_off()


@pytest.mark.parametrize(("act", "ended"), [("revoke", "revoked"), ("suspend", "suspended")])
async def test_approval_that_was_taken_back_is_not_hidden_by_the_one_before(bank: Bank, act: str, ended: str) -> None:
    path = await renews(bank)
    assert (await bank.carol.post(f"{path}/{act}", WHY)).status_code == 200
    [place] = (await row(bank, environment="prod"))["places"]
    assert (place["step"], place["ended"]) == ("verified", ended)


async def test_no_on_the_same_bytes_ends_an_approval_on_the_board(bank: Bank) -> None:
    _, other = await a_version_of(bank, "churn", "a" * 64)
    await bank.an_approved_sign_off()
    path = f"/v1/sign-offs/{(await bank.request(version_id=other)).json()['id']}"
    assert (await bank.carol.post(f"{path}/reject", WHY)).status_code == 200
    [place] = (await row(bank, environment="prod", model="fraud"))["places"]
    assert (place["step"], place["ended"]) == ("verified", "revoked")


async def test_request_that_ran_out_of_time_takes_no_approval_back(bank: Bank) -> None:
    await bank.an_approved_sign_off()
    path = await bank.a_pending_sign_off()
    await bank.connection.execute("update sign_offs set state = 'expired' where sign_off_id = $1", path.rpartition("/")[2])
    assert step(await row(bank)) == ("approved", "deployment", [])
