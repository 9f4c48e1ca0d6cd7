"""Feedback, issues, conditions, holds, new rounds and deadlines over HTTP with a real PostgreSQL behind."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from placet_approval.commands.circumstances import circumstances
from placet_approval.commands.remind_of_sign_off import DUE, remind_of_due
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_series import SignOffSeries
from placet_shared.access import Actor
from placet_shared.event_store import Metadata, UnitOfWork
from placet_shared.identifiers import new_id

from ..conftest import Caller
from .conftest import WHY, Bank

pytestmark = pytest.mark.postgres

POLICY: dict[str, Any] = {
    "kind": "Policy",
    "environment": "prod",
    "previous_environment": "optional",
    "signatures": [{"role": "reviewer"}, {"role": "risk-officer"}],
    "feedback": [{"group": "operations", "any_of": ["sre"]}],
    "waivers": {"any_of": ["risk-officer"], "for_at_most": "30d"},
    "deadlines": {"remind_after": "1d", "escalate_after": "2d", "escalate_to": "head-of-risk", "expire_after": "3d"},
    "review_before": "14d",
}


async def sam(bank: Bank) -> Caller:
    return await bank.service.person("sam", "sre")


async def under(bank: Bank, **changes: Any) -> str:
    """A sign-off that is pending under a policy with a process."""
    answer = await bank.dora.post("/v1/policies", {**POLICY, **changes})
    assert answer.status_code == 201, answer.text
    return await bank.a_pending_sign_off()


async def does(caller: Caller, path: str, **body: Any) -> dict[str, Any]:
    answer = await caller.post(path, {**WHY, **body})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def code(answer: httpx.Response) -> str:
    found: str = answer.json()["code"]
    return found


async def gate(bank: Bank) -> list[str]:
    answer = await bank.ci.get("/v1/gate", params={"environment": "prod", "version_id": bank.version_id})
    return [reason["code"] for reason in answer.json()["reasons"]]


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def requested_days_ago(command: tuple[Bank, int], uow: UnitOfWork) -> str:
    """A use case: alice's request, by a clock that is so many days behind."""
    bank, days = command
    now = await circumstances(uow, bank.version_id, "prod")
    at = await uow.now() - timedelta(days=days)
    why = uow.text("It is better.", kind="rationale", subject=bank.model_id)
    sign_off = SignOff.request(new_id(), bank.alice.id, now, why, at)
    uow.save(SignOffSeries.start(sign_off.key, bank.version_id, "prod", at), subject=bank.model_id)
    uow.save(sign_off, subject=bank.model_id)
    return sign_off.key


async def test_whole_process_of_two_rounds(bank: Bank) -> None:
    path, operations = await under(bank), await sam(bank)
    assert (await bank.sees(path))["phase"] == "in_feedback"
    assert code(await bank.bob.post(f"{path}/approve", WHY)) == "awaiting_feedback"
    assert await gate(bank) == ["awaiting_feedback", "awaiting_signatures"]
    await does_feedback(operations, path, "major_issue", "It needs 9 GB.")
    seen = await bank.sees(path)
    [issue] = seen["issues"]
    assert (issue["severity"], issue["state"], issue["holds"], issue["said"]["text"]) == ("major", "open", True, "It needs 9 GB.")
    assert seen["groups"] == [{"group": "operations", "any_of": ["sre"], "have": 1, "need": 1}]
    assert code(await bank.bob.post(f"{path}/approve", WHY)) == "issue_open"
    await does(bank.bob, f"{path}/request-changes")
    assert code(await bank.bob.post(f"{path}/approve", WHY)) == "changes_requested"
    await does(bank.alice, f"{path}/reset")
    seen = await bank.sees(path)
    assert (seen["round"], seen["phase"], seen["feedback"], len(seen["issues"])) == (2, "in_feedback", [], 1)
    await does_feedback(operations, path, "approve")
    assert code(await bank.alice.post(f"{path}/issues/{issue['id']}/waive", {**WHY, "until": in_days(10)})) == "separation_of_duties"
    await does(bank.carol, f"{path}/issues/{issue['id']}/waive", until=in_days(10))
    await does(bank.bob, f"{path}/approve", conditions=[{"owner": "alice", "due_at": in_days(5), "condition": "Show it on June."}])
    await does(bank.carol, f"{path}/approve")
    seen = await bank.sees(path)
    [condition] = seen["conditions"]
    assert (seen["state"], seen["expires_at"], condition["said"]["text"]) == ("approved", condition["due_at"], "Show it on June.")
    assert await gate(bank) == []
    await does(bank.carol, f"{path}/conditions/{condition['id']}/met")
    assert (await bank.sees(path))["expires_at"] == issue_until(await bank.sees(path))
    await does(bank.dora, f"{path}/suspend")
    assert await gate(bank) == ["suspended"]
    await does(bank.bob, f"{path}/resume")
    assert await gate(bank) == []
    assert [act["act"] for act in (await bank.sees(path))["acts"]] == [
        "requested", "feedback_major_issue", "changes_requested", "reset", "feedback_approve", "issue_waived", "condition_set",
        "approved", "approved", "condition_met", "suspended", "resumed",
    ]  # fmt: skip


def issue_until(seen: dict[str, Any]) -> str:
    until: str = seen["issues"][0]["waived_until"]
    return until


async def does_feedback(caller: Caller, path: str, verdict: str, comment: str | None = None) -> None:
    answer = await caller.post(f"{path}/feedback", {"group": "operations", "verdict": verdict, "comment": comment})
    assert answer.status_code == 200, answer.text


async def test_major_issue_is_shed_neither_by_another_request_nor_by_another_version_of_the_bytes(bank: Bank) -> None:
    path, operations = await under(bank), await sam(bank)
    await does_feedback(operations, path, "minor_issue", "The name is long.")
    await does_feedback(operations, path, "major_issue", "It needs 9 GB.")
    await does(bank.alice, f"{path}/withdraw")
    for version_id in (bank.version_id, await bank.registers(2)):
        bank.version_id = version_id
        await bank.verifies()
        path = await bank.a_pending_sign_off()
        await does_feedback(operations, path, "approve")
        assert code(await bank.bob.post(f"{path}/approve", WHY)) == "issue_open"
        assert [issue["severity"] for issue in (await bank.sees(path))["issues"]] == ["major"]
        await does(bank.alice, f"{path}/withdraw")
    path = await bank.a_pending_sign_off()
    [issue] = (await bank.sees(path))["issues"]
    await does(operations, f"{path}/issues/{issue['id']}/resolve")
    await does(bank.alice, f"{path}/withdraw")
    assert (await bank.sees(await bank.a_pending_sign_off()))["issues"] == []


async def test_waiver_was_for_its_sign_off_and_not_for_the_next_one(bank: Bank) -> None:
    path, operations = await under(bank), await sam(bank)
    await does_feedback(operations, path, "major_issue", "It needs 9 GB.")
    [issue] = (await bank.sees(path))["issues"]
    await does(bank.carol, f"{path}/issues/{issue['id']}/waive", until=in_days(10))
    await does(bank.alice, f"{path}/withdraw")
    assert [one["state"] for one in (await bank.sees(await bank.a_pending_sign_off()))["issues"]] == ["open"]


def a_check(check_id: str, status: str, severity: str = "advisory") -> dict[str, Any]:
    nothing = dict.fromkeys(("metric", "value", "ci", "comparator", "threshold", "n", "reason_code"))
    return {"check_id": check_id, "check": "metric", "status": status, "severity": severity, "records": 1, **nothing}


async def test_advisory_check_that_was_not_met_holds_until_it_is_waived(bank: Bank) -> None:
    await bank.verifies(checks=[a_check("calibration", "FAIL"), a_check("drift", "PASS"), a_check("auc", "PASS", "blocking")])
    path = await under(bank, feedback=[], findings="held")
    [issue] = (await bank.sees(path))["issues"]
    assert (issue["finding"], issue["raised_by"], issue["holds"]) == ("prod-checks/calibration", None, True)
    assert code(await bank.bob.post(f"{path}/approve", WHY)) == "issue_open"
    await does(bank.carol, f"{path}/issues/{issue['id']}/waive", until=in_days(5))
    await does(bank.bob, f"{path}/approve")
    await does(bank.carol, f"{path}/approve")
    assert await gate(bank) == []
    assert (await bank.sees(path))["expires_at"] == issue_until(await bank.sees(path))


async def test_waived_finding_is_found_again_by_the_next_request(bank: Bank) -> None:
    await bank.verifies(checks=[a_check("calibration", "FAIL")])
    path = await under(bank, feedback=[], findings="held")
    [issue] = (await bank.sees(path))["issues"]
    await does(bank.carol, f"{path}/issues/{issue['id']}/waive", until=in_days(5))
    await does(bank.alice, f"{path}/withdraw")
    [again] = (await bank.sees(await bank.a_pending_sign_off()))["issues"]
    assert (again["finding"], again["state"]) == ("prod-checks/calibration", "open")


async def test_suspended_approval_is_not_passed_over_by_another_request(bank: Bank) -> None:
    path = await under(bank, feedback=[])
    await does(bank.bob, f"{path}/approve")
    await does(bank.carol, f"{path}/approve")
    await does(bank.bob, f"{path}/suspend")
    assert code(await bank.request()) == "sign_off_suspended"
    await does(bank.carol, f"{path}/resume")
    assert (await bank.request()).status_code == 201


async def test_feedback_waits_in_the_inbox_of_those_who_could_give_it_and_a_signature_waits_after_it(bank: Bank) -> None:
    path, operations = await under(bank), await sam(bank)

    async def inbox(who: Caller) -> tuple[list[list[str]], list[list[str]]]:
        found = (await who.get("/v1/inbox")).json()
        return [one["groups"] for one in found["to_answer"]], [one["roles"] for one in found["to_sign"]]

    assert await inbox(operations) == ([["operations"]], [])
    assert await inbox(bank.bob) == await inbox(bank.alice) == ([], [])
    await does_feedback(operations, path, "approve")
    assert await inbox(operations) == ([], [])
    assert await inbox(bank.bob) == ([], [["reviewer"]])


async def test_durable_gate_reads_holds_from_the_stream(bank: Bank) -> None:
    path = await under(bank, feedback=[])
    await does(bank.bob, f"{path}/approve")
    await does(bank.carol, f"{path}/approve")
    await does(bank.bob, f"{path}/suspend")
    await bank.connection.execute("update sign_offs set state = 'approved'")
    answer = await bank.ci.post("/v1/gate", {"environment": "prod", "version_id": bank.version_id})
    assert [reason["code"] for reason in answer.json()["reasons"]] == ["suspended"]


async def test_older_sign_off_is_not_reset_beside_a_newer_one(bank: Bank) -> None:
    older = await under(bank)
    await bank.dora.post("/v1/policies", {**POLICY, "expires_after": "30d", "takes_effect": "immediately"})  # a newer version ends it
    newer = await bank.a_pending_sign_off()
    assert (await bank.sees(older))["state"] == "invalidated"
    assert code(await bank.alice.post(f"{older}/reset", WHY)) == "sign_off_closed"
    await does(bank.alice, f"{newer}/reset")


async def test_invalidated_sign_off_goes_on_in_a_new_round_under_the_newer_policy(bank: Bank) -> None:
    path = await under(bank)
    await bank.dora.post("/v1/policies", {**POLICY, "feedback": [], "takes_effect": "immediately"})
    await does(bank.alice, f"{path}/reset")
    seen = await bank.sees(path)
    assert (seen["state"], seen["phase"], seen["binds"]["policy"]["version"], seen["invalidated"]) == ("pending", "in_approval", 3, None)
    await does(bank.bob, f"{path}/approve")


async def test_row_and_stream_say_the_same_after_each_act(bank: Bank) -> None:
    """The gate's `GET` reads the row, its `POST` the stream."""
    path, operations = await under(bank), await sam(bank)

    async def both() -> list[str]:
        answer = await bank.ci.post("/v1/gate", {"environment": "prod", "version_id": bank.version_id})
        durable = [(reason["code"], reason["facts"]) for reason in answer.json()["reasons"]]
        asked = (await bank.ci.get("/v1/gate", params={"environment": "prod", "version_id": bank.version_id})).json()["reasons"]
        assert durable == [(reason["code"], reason["facts"]) for reason in asked]
        return [one for one, _ in durable]

    await does_feedback(operations, path, "major_issue", "It needs 9 GB.")
    assert await both() == ["issue_open", "awaiting_signatures"]
    [issue] = (await bank.sees(path))["issues"]
    await does(operations, f"{path}/issues/{issue['id']}/resolve")
    assert await both() == ["awaiting_signatures"]
    await does(bank.bob, f"{path}/approve", conditions=[{"owner": "alice", "due_at": in_days(5), "condition": "Show it on June."}])
    await does(bank.carol, f"{path}/request-changes")
    assert await both() == ["changes_requested", "awaiting_signatures"]
    await does(bank.alice, f"{path}/reset")
    await does_feedback(operations, path, "approve")
    await does(bank.bob, f"{path}/approve")
    await does(bank.carol, f"{path}/approve")
    assert await both() == []


@pytest.mark.parametrize(("days", "act", "state"), [(1, "reminded", "pending"), (2, "escalated", "pending"), (3, "expired", "expired")])
async def test_missed_time_is_caught_up_once(bank: Bank, days: int, act: str, state: str) -> None:
    answer = await bank.dora.post("/v1/policies", POLICY)
    assert answer.status_code == 201, answer.text
    actor = Actor(bank.alice.id, "person", frozenset({"developer"}), "")
    id_ = await bank.store.execute(requested_days_ago, (bank, days), metadata=Metadata(bank.alice.id, new_id()), actor=actor)
    await asyncio.gather(*(remind_of_due(bank.store) for _ in range(3)))  # beside the service's own worker
    seen = await bank.sees(f"/v1/sign-offs/{id_}")
    assert ([one["act"] for one in seen["acts"]], seen["state"]) == (["requested", act], state)
    assert not await bank.connection.fetch(DUE, 64)


async def test_what_is_due_is_found_along_indexes(bank: Bank) -> None:
    await bank.connection.execute("set enable_seqscan = off")
    plan = "\n".join(row[0] for row in await bank.connection.fetch(f"explain {DUE.replace('$1', '64')}"))
    assert plan.count("Index Scan") == 2, plan
    assert "Sort" not in plan, plan


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("feedback", {"group": "operations", "verdict": "maybe"}, "verdict"),
        ("feedback", {"group": "operations", "verdict": "approve", "attachments": ["no digest"]}, "attachments.0"),
        ("issues/1/waive", {**WHY, "until": "2026-11-28T10:00:00"}, "until"),
        ("suspend", {"rationale": " "}, "rationale"),
        ("approve", {**WHY, "conditions": [{"owner": "alice", "due_at": "tomorrow", "condition": "x"}]}, "conditions.0.due_at"),
    ],
)
async def test_bad_input_names_the_field(bank: Bank, path: str, body: dict[str, Any], field: str) -> None:
    answer = await bank.bob.post(f"{await bank.a_pending_sign_off()}/{path}", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
