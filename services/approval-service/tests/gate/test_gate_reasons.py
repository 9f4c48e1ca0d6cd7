"""Every way to a no over HTTP, on real sources: its own reason, and what would resolve it."""

from typing import Any

import pytest

from placet_shared.identifiers import new_id

from ..decisions.conftest import ARTIFACT, WHY
from .conftest import BY_DIGEST, Town, reasons, verdict

pytestmark = pytest.mark.postgres

OTHER = "c" * 64


async def test_way_to_a_yes_has_a_reason_at_each_step(town: Town) -> None:
    town.version_id = await town.registers(2, artifact=OTHER)
    question = {"environment": "prod", "digest": OTHER}
    assert verdict(await town.asks(**question)) == ("deny", True, ["verification_missing", "not_signed_off"])
    await town.verifies(passed=False)
    assert reasons(await town.asks(**question)) == ["verification_failed", "not_signed_off"]
    await town.verifies()
    path = await town.a_pending_sign_off()
    await town.bob.post(f"{path}/approve", WHY)
    waiting = await town.asks(**question)
    assert reasons(waiting) == ["awaiting_signatures"]
    assert (waiting["reasons"][0]["facts"]["have"], waiting["reasons"][0]["facts"]["need"]) == (1, 2)
    await town.carol.post(f"{path}/approve", WHY)
    assert verdict(await town.asks(**question)) == ("allow", True, [])


async def test_cancelled_run_is_evidence_of_nothing(town: Town) -> None:
    await town.an_approved_sign_off()
    await town.cancels()
    assert verdict(await town.asks()) == ("allow", True, [])
    town.version_id = await town.registers(2, artifact=OTHER)
    await town.cancels()
    assert verdict(await town.asks(environment="prod", digest=OTHER)) == ("deny", True, ["verification_missing", "not_signed_off"])
    refused = await town.request()
    assert (refused.status_code, refused.json()["code"]) == (409, "verification_missing")


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ({"environment": "moon", "digest": ARTIFACT}, "unknown_environment"),
        ({"environment": "prod", "digest": "9" * 64}, "unknown_digest"),
        ({"environment": "prod", "model": "nobody", "number": 1}, "unknown_model"),
        ({"environment": "prod", "model": "fraud", "number": 7}, "unknown_version"),
        ({"environment": "prod", "version_id": "0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c13"}, "unknown_version"),
        ({"environment": "prod", "model": "fraud", "number": 1, "digest": "9" * 64}, "unknown_digest"),
        ({"environment": "dev", "digest": "9" * 64}, "unknown_digest"),
    ],
)
async def test_what_is_unknown_is_denied_in_every_mode(town: Town, question: dict[str, Any], reason: str) -> None:
    assert verdict(await town.asks(**question)) == ("deny", True, [reason])


async def test_digest_in_two_models_is_ambiguous_until_one_is_named(town: Town) -> None:
    await town.an_approved_sign_off()
    fraud, town.model_id = town.model_id, new_id()
    await town.hears("registry", "ModelRegistered", {"model_id": town.model_id, "name": "churn", "description": None, "tags": {}})
    for number in range(1, 4):
        await town.registers(number)
    for environment in ("prod", "dev"):
        assert verdict(await town.asks(environment=environment, digest=ARTIFACT)) == ("deny", True, ["ambiguous_digest"])
    assert (await town.asks(**BY_DIGEST, model=fraud))["allowed"]


@pytest.mark.parametrize("act", ["reject", "withdraw", "revoke"])
async def test_sign_off_that_people_ended_has_its_own_reason(town: Town, act: str) -> None:
    path = await (town.an_approved_sign_off() if act == "revoke" else town.a_pending_sign_off())
    acting = town.alice if act == "withdraw" else town.bob
    assert (await acting.post(f"{path}/{act}", WHY)).status_code == 200
    expected = {"reject": "rejected", "withdraw": "withdrawn", "revoke": "revoked"}[act]
    assert verdict(await town.asks()) == ("deny", True, [expected])


async def test_sign_off_that_has_expired(town: Town) -> None:
    await town.an_approved_sign_off()
    await town.service.site.fetch("update sign_offs set expires_at = clock_timestamp()")
    assert verdict(await town.asks()) == ("deny", True, ["expired"])


async def test_evidence_that_is_too_old(town: Town) -> None:
    await town.an_approved_sign_off()
    await town.service.site.fetch("update known_runs set finished_at = finished_at - interval '400 days'")
    assert verdict(await town.asks()) == ("deny", True, ["verification_stale"])


async def test_new_result_says_what_changed_from_what_to_what(town: Town) -> None:
    await town.an_approved_sign_off()
    town.in_haste = True
    await town.verifies(result="d" * 64)
    answer = await town.asks()
    assert verdict(answer) == ("deny", True, ["invalidated"])
    facts = answer["reasons"][0]["facts"]
    assert (facts["field"], facts["old"]["result_sha256"], facts["new"]["result_sha256"]) == ("evidence", "b" * 64, "d" * 64)


async def test_policy_at_once_ends_what_was_given_under_the_old_one_and_a_later_one_does_not(town: Town) -> None:
    await town.an_approved_sign_off()
    policy = {
        "kind": "policy",
        "environment": "prod",
        "signatures": [{"role": "risk-officer", "count": 3}],
        "previous_environment": "optional",
    }
    assert (await town.dora.post("/v1/policies", policy)).status_code == 201
    assert verdict(await town.asks()) == ("allow", True, [])
    assert (await town.dora.post("/v1/policies", {**policy, "takes_effect": "immediately"})).status_code == 201
    answer = await town.asks()
    assert verdict(answer) == ("deny", True, ["invalidated"])
    facts = answer["reasons"][0]["facts"]
    assert (facts["field"], facts["old"]["version"], facts["new"]["version"]) == ("policy", 1, 3)


@pytest.mark.parametrize(("mode", "expected"), [("warn", "warn"), ("allow", "allow"), ("prevent", "deny")])
async def test_mode_softens_reasons_of_policy_and_shows_them(town: Town, mode: str, expected: str) -> None:
    policy = {
        "kind": "Policy",
        "environment": "prod",
        "mode": mode,
        "signatures": [{"role": "reviewer"}],
        "previous_environment": "optional",
    }
    await town.dora.post("/v1/policies", policy)
    assert verdict(await town.asks()) == (expected, True, ["not_signed_off"])


async def test_environment_without_a_policy(town: Town) -> None:
    await town.hears("registry", "EnvironmentDefined", {"name": "moon", "after": "prod"})
    assert verdict(await town.asks(environment="moon", digest=ARTIFACT)) == ("deny", True, ["no_policy"])


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"environment": "prod"}, "digest"),
        ({"environment": "prod", "model": "fraud"}, "number"),
        ({"environment": "Prod!", "digest": ARTIFACT}, "environment"),
        ({"digest": ARTIFACT}, "environment"),
        ({"environment": "prod", "digest": ARTIFACT.upper()}, "digest"),
        ({"environment": "prod", "digest": "a" * 63}, "digest"),
        ({"environment": "prod", "version_id": "7"}, "version_id"),
        ({"environment": "prod", "model": "fr\0aud", "number": 1}, "model"),
        ({"environment": "prod", "model": "fraud", "number": 2**31}, "number"),
        ({**BY_DIGEST, "force": "yes"}, "force"),
    ],
)
async def test_question_that_is_none_names_the_field(town: Town, question: dict[str, Any], field: str) -> None:
    for answer in (await town.alice.get("/v1/gate", params=question), await town.ci.post("/v1/gate", question)):
        assert answer.status_code == 422, answer.text
        assert field in str(answer.json()["errors"])
