"""Which plans concern a version, from the events of registry and verification to the gate: by name, tag, environment, while parked."""

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from placet_approval.commands.invalidate_sign_off import invalidate_outdated
from placet_shared.identifiers import new_id
from placet_shared.model_selectors import ModelSelector, SelectableModel
from placet_shared.testing import eventually

from ..decisions.conftest import ARTIFACT
from .conftest import Town, reasons, verdict

pytestmark = pytest.mark.postgres

YES: tuple[str, bool, list[str]] = ("allow", True, [])


async def tags(town: Town, key: str, value: str | None) -> None:
    data = {"model_id": town.model_id, "key": key, **({"value": value} if value else {})}
    await town.hears("registry", "ModelTagged" if value else "ModelUntagged", data)


async def test_plan_of_another_model_leaves_this_one_alone(town: Town) -> None:
    await town.an_approved_sign_off()
    await town.publishes_plan(name="wine", models=["wine", "wine-*"], takes_effect="immediately")
    assert verdict(await town.asks()) == YES
    town.version_id = await town.registers(2, artifact="c" * 64)
    await town.verifies()
    assert (await town.request()).status_code == 201


@pytest.mark.parametrize("entry", ["fraud", "fr*d", "*"])
async def test_plan_that_selects_the_model_needs_its_own_run(town: Town, entry: str) -> None:
    await town.publishes_plan(name="safety", models=[entry])
    refused = await town.request()
    assert (refused.status_code, refused.json()["code"], refused.json()["facts"]["plan"]) == (409, "verification_missing", "safety")
    await town.verifies(plan="safety", result="c" * 64)
    path = await town.an_approved_sign_off()
    assert [one["plan"] for one in (await town.sees(path))["binds"]["evidence"]] == ["prod-checks", "safety"]
    assert [one["plan"] for one in (await town.sees(path))["evidence"]] == ["prod-checks", "safety"]
    assert verdict(await town.asks()) == YES


async def test_governance_tag_brings_a_model_under_a_plan_and_no_other_tag_does(town: Town) -> None:
    await town.publishes_plan(name="safety", tags={"governance/risk": "high"})
    await tags(town, "risk", "high")
    assert (await town.request()).status_code == 201
    town.version_id = await town.registers(2, artifact="c" * 64)
    await town.verifies()
    await tags(town, "governance/risk", "high")
    assert (await town.request()).json()["facts"]["plan"] == "safety"
    await tags(town, "governance/risk", None)
    assert (await town.request()).status_code == 201


async def test_plan_at_once_ends_what_it_selects_by_an_event_and_nothing_else(town: Town) -> None:
    path = await town.an_approved_sign_off()
    await town.publishes_plan(name="wine", models=["w*"], takes_effect="immediately")
    assert verdict(await town.asks()) == YES
    await town.publishes_plan(name="safety", models=["f*"], takes_effect="immediately")

    async def ended() -> bool:
        return bool((await town.sees(path))["state"] == "invalidated")

    await eventually(ended)
    assert (await town.sees(path))["invalidated"]["new"]["plan"] == "safety"
    assert "invalidated" in reasons(await town.asks())


@pytest.mark.parametrize("at_first", [{"models": ["wine"]}, {"environment": "test"}, {"tags": {"governance/risk": "high"}}])
async def test_next_version_that_selects_more_ends_nothing_of_that_at_once(town: Town, at_first: dict[str, Any]) -> None:
    await town.publishes_plan(name="safety", takes_effect="immediately", **at_first)
    path = await town.an_approved_sign_off()
    await town.publishes_plan(2, name="safety", models=["wine", "fraud"])
    assert verdict(await town.asks()) == YES
    assert await invalidate_outdated(town.store) == []
    assert (await town.sees(path))["state"] == "approved"
    assert (await town.request()).json()["facts"]["plan"] == "safety"
    await town.publishes_plan(3, name="safety", takes_effect="immediately")
    assert not (await town.asks())["allowed"]


async def registers_elsewhere(town: Town, name: str, artifact: str = ARTIFACT) -> str:
    """The same bytes as a version of another model."""
    own, town.model_id = town.model_id, new_id()
    await town.hears("registry", "ModelRegistered", {"model_id": town.model_id, "name": name, "description": None, "tags": {}})
    version_id = await town.registers(artifact=artifact)
    await town.verifies(version_id)
    town.model_id = own
    return version_id


async def test_same_bytes_under_another_name_leave_no_plan(town: Town) -> None:
    await town.publishes_plan(name="safety", models=["fraud"])
    version_id = await registers_elsewhere(town, "toy")
    refused = await town.request(version_id=version_id)
    assert (refused.status_code, refused.json()["facts"]["plan"]) == (409, "safety")
    await town.verifies(version_id, plan="safety", result="c" * 64)
    assert (await town.request(version_id=version_id)).status_code == 201


@pytest.mark.parametrize("takes_effect", ["next", "immediately"])
async def test_later_copy_of_the_bytes_burdens_no_other_model(town: Town, takes_effect: str) -> None:
    path = await town.an_approved_sign_off()
    await town.publishes_plan(name="medical", models=["medical-*"], takes_effect=takes_effect)
    await registers_elsewhere(town, "medical-x")
    assert (await town.sees(path))["state"] == "approved"
    assert verdict(await town.asks(environment="prod", version_id=town.version_id)) == YES
    await town.bob.post(f"{path}/revoke", {"rationale": "To request another one."})
    assert (await town.request()).status_code == 201


async def test_parked_plan_for_the_model_that_had_the_bytes_first_denies(town: Town) -> None:
    await town.an_approved_sign_off()
    copy = await registers_elsewhere(town, "toy")
    await town.service.site.fetch("alter table known_plans_g1 add constraint no_parrots check (name not like 'parrot%')")
    town.in_haste = True
    await town.publishes_plan(name="parrot-1", models=["toy"])
    await eventually(lambda: town.connection.fetchval("select count(*) = 1 from parked_events"))
    assert verdict(await town.asks(environment="prod", version_id=town.version_id)) == YES
    await town.publishes_plan(name="parrot-2", models=["fraud"])
    await eventually(lambda: town.connection.fetchval("select count(*) = 2 from parked_events"))
    assert verdict(await town.asks(environment="prod", version_id=copy))[2][0] == "unprocessed_event"


async def test_parked_tag_of_the_model_that_had_the_bytes_first_denies(town: Town) -> None:
    await town.an_approved_sign_off()
    copy = await registers_elsewhere(town, "toy")
    toy = await town.connection.fetchval("select model_id from known_models where name = 'toy'")
    await town.publishes_plan(name="safety", tags={"governance/risk": "high"})
    await town.service.site.fetch("alter table known_models_g1 add constraint no_risk check (not tags ? 'governance/risk')")
    town.in_haste = True

    async def tagged(model_id: str, parked: int) -> None:
        await town.hears("registry", "ModelTagged", {"model_id": model_id, "key": "governance/risk", "value": "high"})
        await eventually(lambda: town.connection.fetchval("select count(*) = $1 from parked_events", parked))

    await tagged(toy, 1)
    assert verdict(await town.asks(environment="prod", version_id=town.version_id)) == YES, "a later copy of the bytes brings no plan"
    await town.connection.execute("delete from parked_events")
    await tagged(town.model_id, 1)
    assert verdict(await town.asks(environment="prod", version_id=copy))[2][0] == "unprocessed_event"
    refused = await town.request(version_id=copy)
    assert (refused.status_code, refused.json()["code"]) == (503, "unprocessed_event")


async def deploys(town: Town, sha256: str | None, number: int = 1) -> None:
    where = {"deployment_id": f"deployment-{number}", "environment": "prod", "model_id": town.model_id}
    if sha256:
        await town.hears("registry", "DeploymentReported", {**where, "version_id": "v", "sha256": sha256, "permit_id": None})
    else:
        await town.hears("registry", "DeploymentEnded", {**where, "reason": None})


async def test_champion_of_the_evidence_must_be_what_runs_until_people_have_decided(town: Town) -> None:
    old, new = "1" * 64, "2" * 64
    await deploys(town, old)
    await town.verifies(champion=old, result="c" * 64)
    path = await town.a_pending_sign_off()
    await deploys(town, new, 2)
    await deploys(town, None, 1)  # the end of what was replaced already

    async def ended() -> bool:
        return bool((await town.sees(path))["state"] == "invalidated")

    await eventually(ended)
    assert (await town.request()).json()["code"] == "champion_changed"
    await town.verifies(champion=new, result="d" * 64)
    await town.an_approved_sign_off()
    await deploys(town, None, 2)
    assert verdict(await town.asks()) == YES


async def test_withdrawn_plan_asks_for_nothing_any_more(town: Town) -> None:
    await town.publishes_plan(name="safety")
    assert (await town.request()).json()["facts"]["plan"] == "safety"
    await town.withdraws_plan(name="safety")
    assert (await town.request()).status_code == 201
    await town.publishes_plan(2, name="safety", takes_effect="immediately")
    assert "plan_outdated" in reasons(await town.asks()) or "invalidated" in reasons(await town.asks())


async def test_parked_plan_denies_only_what_it_selects(town: Town) -> None:
    await town.an_approved_sign_off()
    await town.service.site.fetch("alter table known_plans_g1 add constraint no_parrots check (name not like 'parrot%')")
    town.in_haste = True

    async def parked(count: int) -> None:
        await eventually(lambda: town.connection.fetchval("select count(*) = $1 from parked_events", count))

    await town.publishes_plan(name="parrot-1", models=["wine*"])
    await town.publishes_plan(name="parrot-2", environment="test")
    await parked(2)
    assert verdict(await town.asks()) == YES
    town.version_id = await town.registers(2, artifact="c" * 64)
    await town.verifies()
    await town.all_arrived()
    assert (await town.request()).status_code == 201
    await town.publishes_plan(name="parrot-3", models=["fr*"])
    await parked(3)
    assert verdict(await town.asks()) == ("deny", False, ["unprocessed_event"])
    assert (await town.request(environment="prod")).json()["code"] == "unprocessed_event"


async def test_parked_plan_that_can_not_be_read_denies_all(town: Town) -> None:
    await town.an_approved_sign_off()
    await town.verification.says("PlanPublished", "plan-x", {"plan_id": "plan-x", "document": {"environments": ["prod"], "for": 7}})
    await eventually(lambda: town.connection.fetchval("select count(*) = 1 from parked_events"))
    assert verdict(await town.asks()) == ("deny", False, ["unprocessed_event"])


ENTRIES = st.text(st.sampled_from("ab*%_\\é"), min_size=1, max_size=5)
NAMES = st.text(st.sampled_from("ab%_\\é"), min_size=1, max_size=6)
TAGS = st.dictionaries(st.sampled_from(["governance/a", "governance/b"]), st.sampled_from(["1", "2"]), max_size=2)
FITS = """
    select plan_fits($1, $2, $3, plan_keys('prod', $4, $5, $6::jsonb), $5)
"""


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(models=st.lists(ENTRIES, max_size=3), wanted=TAGS, name=NAMES, has=TAGS)
async def test_database_selects_as_the_shared_rule_does(
    town: Town, models: list[str], wanted: dict[str, str], name: str, has: dict[str, str]
) -> None:
    selector, model = ModelSelector(tuple(models), wanted), SelectableModel("id-1", name, has)
    lookup = [f"{environment} {key}" for environment in ("prod", "test") for key in selector.lookup_keys]
    tags = orjson.dumps(has).decode()
    fits = await town.connection.fetchval(FITS, lookup, selector.every_model, selector.like_patterns, "id-1", name, tags)
    assert fits == selector.selects(model)


def test_ids_are_not_names() -> None:
    assert not ModelSelector((new_id(),)).selects(SelectableModel(new_id(), "fraud"))
