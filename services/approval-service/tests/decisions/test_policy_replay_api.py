"""Replays over HTTP: from rows of real sign-offs, changing nothing, one at a time."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest

from placet_approval.api import policy_replay as api
from placet_approval.domain.policy_defaults import DEFAULT_POLICIES
from placet_approval.domain.policy_terms import PolicyTerms
from placet_approval.domain.written_policy import WrittenPolicy
from placet_approval.queries import past_sign_offs
from placet_approval.queries import policy_replay as queries
from placet_shared.testing import eventually

from ..conftest import Caller
from .conftest import ARTIFACT, WHY, Bank

pytestmark = pytest.mark.postgres

PROD: dict[str, Any] = {
    "kind": "Policy", "environment": "prod", "signatures": [{"role": "reviewer"}, {"role": "risk-officer"}], "lineage": "optional",
    "evidence": {"verification": {"max_age": "30d"}}, "previous_environment": "optional",
}  # fmt: skip


async def replayed(caller: Caller, query: str = "", **changes: Any) -> dict[str, Any]:
    answer = await caller.post(f"/v1/policies/replay{query}", {**PROD, **changes})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def outcomes(found: dict[str, Any]) -> dict[str, int]:
    return {name: found[name] for name in ("same", "blocked", "delayed", "let_through", "not_known") if found[name]}


async def test_draft_that_says_the_same_changes_no_past_sign_off(bank: Bank) -> None:
    await bank.an_approved_sign_off()
    found = await replayed(bank.alice)
    assert (found["replayed"], outcomes(found), found["complete"], found["examples"]) == (1, {"same": 1}, True, [])


async def test_replay_names_the_sign_off_its_reasons_and_whom_it_asks_more_often(bank: Bank) -> None:
    path = await bank.an_approved_sign_off()
    erin = await bank.service.person("erin", "reviewer")
    found = await replayed(bank.alice, signatures=[{"role": "reviewer", "count": 2}, {"role": "risk-officer"}])
    [example] = found["examples"]
    assert (outcomes(found), f"/v1/sign-offs/{example['sign_off_id']}") == ({"delayed": 1}, path)
    assert (example["model"], example["number"], example["state"]) == ("fraud", 1, "approved")
    assert example["reasons"] == [{"reason": "more_signatures", "detail": "1 × reviewer more", "people": []}]
    assert found["reasons"] == [{"reason": "more_signatures", "effect": "delayed", "sign_offs": 1}]
    assert found["roles"][0] == {"any_of": ["reviewer"], "feedback": False, "then": 1, "with_draft": 2}
    [asked] = found["people"]
    assert asked == {"person_id": erin.id, "name": "erin", "signed": 0, "may_be_asked": 1, "must_be_asked": 1}


async def test_replay_changes_nothing_and_any_person_with_a_role_may_ask(bank: Bank) -> None:
    path = await bank.an_approved_sign_off()
    before = await bank.service.site.event_types()
    await replayed(bank.ci, signatures=[{"role": "reviewer", "count": 5}])
    assert await bank.service.site.event_types() == before
    assert (await bank.sees(path))["state"] == "approved"
    outsider = await bank.service.person("olaf")
    assert (await outsider.post("/v1/policies/replay", PROD)).status_code == 403


async def test_signer_whom_the_draft_excludes_is_named(bank: Bank) -> None:
    open_terms = {**PROD, "separation_of_duties": {"exclude": ["requester"]}}
    assert (await bank.dora.post("/v1/policies", open_terms)).status_code == 201
    await bank.adds_lineage(bank.alice.id, trained_by=(bank.bob.id,))
    await bank.an_approved_sign_off()
    found = await replayed(bank.alice)
    [example] = found["examples"]
    [reason] = example["reasons"]
    assert (outcomes(found), reason["reason"], reason["people"]) == ({"blocked": 1}, "signer_excluded", [bank.bob.id])


async def test_claim_of_a_later_time_excludes_no_signer_of_then(bank: Bank) -> None:
    await bank.an_approved_sign_off()
    await bank.adds_lineage(bank.alice.id, trained_by=(bank.bob.id,))
    assert outcomes(await replayed(bank.alice)) == {"same": 1}


async def test_evidence_is_as_old_as_it_was_at_the_approval(bank: Bank) -> None:
    await bank.connection.execute("update known_runs set finished_at = finished_at - interval '10 days'")
    await bank.an_approved_sign_off()
    await bank.verifies()  # a newer run does not make the decision any fresher
    short = {"verification": {"max_age": "7d"}}
    found = await replayed(bank.alice, evidence=short)
    assert (outcomes(found), found["examples"][0]["reasons"][0]["reason"]) == ({"blocked": 1}, "verification_stale")
    assert found["examples"][0]["reasons"][0]["detail"] == "evidence was 10 days old"
    assert outcomes(await replayed(bank.alice, evidence={"verification": {"max_age": "11d"}})) == {"same": 1}


async def test_data_that_lineage_named_as_training_data_before_the_approval_are_not_held_out(bank: Bank) -> None:
    held_out = {"verification": {"max_age": "30d", "held_out": "required"}}
    await bank.an_approved_sign_off()
    assert outcomes(await replayed(bank.alice, evidence=held_out)) == {"same": 1}
    await bank.adds_lineage(bank.alice.id, used=[{"sha256": "e" * 64, "role": "train"}])
    assert outcomes(await replayed(bank.alice, evidence=held_out)) == {"same": 1}
    await bank.connection.execute("update known_training_data set claimed_at = claimed_at - interval '1 day'")
    assert outcomes(await replayed(bank.alice, evidence=held_out)) == {"blocked": 1}


async def test_environment_before_is_looked_up_by_bytes_and_time(bank: Bank) -> None:
    await bank.an_approved_sign_off()
    found = await replayed(bank.alice, previous_environment="required")
    assert (outcomes(found), found["reasons"][0]["reason"]) == ({"blocked": 1}, "previous_environment_missing")
    await bank.verifies(environment="test")
    in_test = await bank.a_pending_sign_off("test")
    assert (await bank.bob.post(f"{in_test}/approve", WHY)).status_code == 200
    assert outcomes(await replayed(bank.alice, previous_environment="required")) == {"delayed": 1}
    await bank.connection.execute("update approvals set granted_at = granted_at - interval '1 day' where sign_off_id = $1", in_test[14:])
    assert outcomes(await replayed(bank.alice, previous_environment="required")) == {"same": 1}
    assert (await bank.bob.post(f"{in_test}/revoke", WHY)).status_code == 200
    await bank.connection.execute("update sign_off_acts set acted_at = acted_at - interval '1 hour' where act = 'revoked'")
    assert outcomes(await replayed(bank.alice, previous_environment="required")) == {"blocked": 1}


async def test_soak_time_is_read_from_reports_in_the_environment_before(bank: Bank) -> None:
    await bank.verifies(environment="test")
    in_test = await bank.a_pending_sign_off("test")
    assert (await bank.bob.post(f"{in_test}/approve", WHY)).status_code == 200
    deployment = {
        "deployment_id": "d-1", "environment": "test", "model_id": bank.model_id, "version_id": bank.version_id, "sha256": ARTIFACT,
        "permit_id": None,
    }  # fmt: skip
    await bank.hears("registry", "DeploymentReported", deployment)
    await bank.connection.execute("update known_deployment_reports set reported_at = reported_at - interval '10 hours'")
    await bank.an_approved_sign_off()
    found = await replayed(bank.alice, previous_environment="required", soak="12h")
    assert (outcomes(found), found["reasons"][0]["reason"]) == ({"delayed": 1}, "soak_missing")
    assert 7100 < found["examples"][0]["waits_at_least_seconds"] <= 7200
    assert outcomes(await replayed(bank.alice, previous_environment="required", soak="9h")) == {"same": 1}


async def test_one_that_waits_is_let_through_by_a_draft_that_asks_for_less(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    await bank.bob.post(f"{path}/approve", WHY)
    found = await replayed(bank.alice, signatures=[{"role": "reviewer"}])
    assert (outcomes(found), found["examples"][0]["state"]) == ({"let_through": 1}, "pending")


async def test_period_and_number_bound_what_is_replayed(bank: Bank) -> None:
    for _ in range(3):
        path = await bank.an_approved_sign_off()
        await bank.bob.post(f"{path}/revoke", WHY)
    assert (await replayed(bank.alice, "?most=2"))["replayed"] == 2
    assert (await replayed(bank.alice, "?most=2"))["complete"] is False
    assert (await replayed(bank.alice, "?most=3"))["complete"] is True
    assert (await replayed(bank.alice, "?since=2999-01-01T00:00:00Z"))["replayed"] == 0
    assert (await replayed(bank.alice, "?since=0001-01-01T00:00:00Z"))["replayed"] == 3


async def test_pages_join_without_a_gap_or_a_double(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        path = await bank.an_approved_sign_off()
        await bank.bob.post(f"{path}/revoke", WHY)
    monkeypatch.setattr(past_sign_offs, "A_PAGE", 2)
    found = await replayed(bank.alice, "?examples=50", signatures=[{"role": "reviewer", "count": 3}])
    assert found["replayed"] == 5
    assert len({one["sign_off_id"] for one in found["examples"]}) == 5


async def test_time_that_is_over_ends_a_replay_with_what_was_replayed(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        path = await bank.an_approved_sign_off()
        await bank.bob.post(f"{path}/revoke", WHY)
    for module in (past_sign_offs, queries):
        monkeypatch.setattr(module, "A_PAGE", 2)
    draft = DEFAULT_POLICIES[2]
    found = await queries.replay_policy(bank.service.services.pool, WrittenPolicy(draft), queries.ReplayOptions(None, 10, 5, seconds=0))
    assert (found.replayed, found.complete) == (2, False)


async def test_claims_about_a_signer_are_seen_among_thousands_about_others(bank: Bank) -> None:
    await bank.an_approved_sign_off()
    claim = """
        insert into known_involvements
        select $1, person, 'data_preparer', 'alice', $3, now() - interval '1 day'
        from (select $2 union all select 'a-' || n from generate_series(1, 3000) n) p (person)
    """
    await bank.connection.execute(claim, ARTIFACT, bank.carol.id, bank.version_id)
    found = await replayed(bank.alice)
    [example] = found["examples"]
    assert [(one["reason"], one["people"]) for one in example["reasons"]] == [("signer_excluded", [bank.carol.id])]
    history = await past_sign_offs.history_of(bank.service.services.pool, DEFAULT_POLICIES[2])
    [page] = [page async for page in history.pages(datetime(2000, 1, 1, tzinfo=UTC), 10)]
    assert len(orjson.loads(page[0]["claims"])) == past_sign_offs.MOST_CLAIMS


async def test_second_replay_waits_for_its_turn_and_is_told_when_it_does_not_come(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    lane = bank.service.services.replaying
    await lane.acquire()
    waiting = asyncio.create_task(bank.alice.post("/v1/policies/replay", PROD))

    async def waits() -> bool:
        return bool(lane._waiters)

    await eventually(waits)
    lane.release()
    assert (await waiting).status_code == 200
    monkeypatch.setattr(api, "TURN_WITHIN_SECONDS", 0.05)
    async with lane:
        answer: httpx.Response = await bank.alice.post("/v1/policies/replay", PROD)
    assert (answer.status_code, answer.json()["code"]) == (503, "replay_running")
    assert (await bank.alice.post("/v1/policies/replay", PROD)).status_code == 200


async def test_wrong_document_is_refused_with_its_lines(bank: Bank) -> None:
    answer = await bank.alice.post("/v1/policies/replay", {**PROD, "mode": "never"})
    assert (answer.status_code, answer.json()["code"]) == (422, "document_invalid")


async def test_each_part_of_a_past_sign_off_is_read_only_for_drafts_that_ask_for_it(bank: Bank) -> None:
    alone = PolicyTerms.from_content((await bank.dora.post("/v1/policies?dry_run=true", PROD)).json()["content"])
    before = PolicyTerms.from_content(
        (await bank.dora.post("/v1/policies?dry_run=true", {**PROD, "previous_environment": "required"})).json()["content"]
    )
    pool = bank.service.services.pool
    assert "known_deployment_reports" not in (await past_sign_offs.history_of(pool, before)).sql
    assert "expires_at is not null" in (await past_sign_offs.history_of(pool, before)).sql
    assert "expires_at is not null" not in (await past_sign_offs.history_of(pool, alone)).sql
