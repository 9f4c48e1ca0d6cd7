"""What was deployed in prod at T, and who had approved it: by time and by index, now and later."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from placet_audit.adapters.audit_log import PostgresAuditLog
from placet_shared.testing import eventually

from .conftest import Audit
from .events import an_event
from .sources import Act, Neighbour
from .story import FAR_OFF, MODEL, approved, deployed, ended, granted, invalidated, policy, registered, resumed, revoked, suspended, version

pytestmark = pytest.mark.postgres

WAITING = "select 1 from pg_locks where locktype = 'advisory' and mode = 'ShareLock' and not granted"


def before_deployment(audit: Audit, expires_at: str = FAR_OFF) -> list[tuple[Neighbour, Act]]:
    """A version that two people have signed for prod."""
    return [
        (audit.registry, registered()),
        (audit.registry, version(1)),
        (audit.approval, granted(1, "bob", "reviewer")),
        (audit.approval, granted(1, "carol", "risk-officer")),
        (audit.approval, approved(1, expires_at)),
    ]


async def logged_at(audit: Audit, index: int) -> str:
    return str((await audit.get(f"/v1/entries/{index}"))["logged_at"])


def what(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(one["version_number"], one["sign_off_state"], [by["person_id"] for by in one["approvals"]]) for one in answer["deployments"]]


async def test_what_was_deployed_in_prod_at_a_time_and_who_approved_it(audit: Audit) -> None:
    index = await audit.happened(*before_deployment(audit), (audit.registry, deployed(1)), (audit.registry, deployed(1, "t", "test")))
    answer = await audit.get("/v1/as-of", environment="prod", time=await logged_at(audit, index))
    [one] = answer["deployments"]
    assert (one["environment"], one["model_name"], one["version_number"], one["sha256"]) == ("prod", "churn", 1, "1" * 64)
    assert (one["deployed_by"], one["sign_off_id"], one["sign_off_state"]) == ("ci", "sign-off-1", "in force")
    assert [(by["person_id"], by["role"]) for by in one["approvals"]] == [("bob", "reviewer"), ("carol", "risk-officer")]
    assert (answer["index"], answer["as_of_index"]) == (index, index)
    assert (await audit.get("/v1/as-of", time=await logged_at(audit, 4)))["deployments"] == []
    assert [one["environment"] for one in (await audit.get("/v1/as-of", model="churn"))["deployments"]] == ["prod", "test"]
    assert (await audit.get("/v1/as-of", model="other"))["deployments"] == []


async def test_deployment_without_a_sign_off_for_its_bytes_and_place_shows_none(audit: Audit) -> None:
    await audit.happened(*before_deployment(audit), (audit.registry, deployed(1, environment="test")))
    [one] = (await audit.get("/v1/as-of"))["deployments"]
    assert (one["sign_off_id"], one["sign_off_state"], one["signed_off"], one["approvals"]) == (None, None, False, [])


async def test_deployment_says_whether_the_policy_of_that_time_asked_for_signatures(audit: Audit) -> None:
    async def required() -> bool:
        [one] = (await audit.get("/v1/as-of"))["deployments"]
        return bool(one["signatures_required"])

    await audit.happened(*before_deployment(audit)[:2], (audit.registry, deployed(1)))
    assert await required(), "without a policy the gate says no"
    await audit.happened((audit.approval, policy(1, 0)), (audit.registry, deployed(1, "free")))
    assert not await required()
    await audit.happened((audit.approval, policy(2, 1)))
    assert not await required(), "as of the report"
    await audit.happened((audit.registry, deployed(1, "bound")))
    assert await required()
    await audit.happened((audit.approval, policy(3, 0, name="for-others")), (audit.registry, deployed(1, "after")))
    assert await required(), "a policy for some models is not the environment's own"


async def test_deployment_says_whether_it_was_signed_off_when_it_was_reported(audit: Audit) -> None:
    async def signed_off() -> bool:
        [one] = (await audit.get("/v1/as-of"))["deployments"]
        return bool(one["signed_off"])

    await audit.happened(*before_deployment(audit)[:2], (audit.registry, deployed(1)))
    await audit.happened(*before_deployment(audit)[2:])
    assert not await signed_off()
    await audit.happened((audit.registry, deployed(1, "again")))
    assert await signed_off()
    await audit.happened((audit.approval, revoked(1)))
    assert await signed_off()
    await audit.happened((audit.registry, deployed(1, "afterwards")))
    assert not await signed_off()


@pytest.mark.parametrize(("ending", "state"), [(revoked(1), "revoked"), (invalidated(1), "invalidated")])
async def test_sign_off_that_ended_later_still_was_in_force_before(audit: Audit, ending: Act, state: str) -> None:
    before = await audit.happened(*before_deployment(audit), (audit.registry, deployed(1)))
    after = await audit.happened((audit.approval, ending))
    assert what(await audit.get("/v1/as-of", index=before)) == [(1, "in force", ["bob", "carol"])]
    assert what(await audit.get("/v1/as-of", time=await logged_at(audit, before))) == [(1, "in force", ["bob", "carol"])]
    assert what(await audit.get("/v1/as-of", index=after)) == [(1, state, ["bob", "carol"])]


async def test_suspended_sign_off_is_not_in_force_until_it_goes_on(audit: Audit) -> None:
    held = await audit.happened(*before_deployment(audit), (audit.approval, suspended(1)), (audit.registry, deployed(1)))
    gone_on = await audit.happened((audit.approval, resumed(1)))
    assert what(await audit.get("/v1/as-of", index=held)) == [(1, "suspended", ["bob", "carol"])]
    assert [one["signed_off"] for one in (await audit.get("/v1/as-of", index=gone_on))["deployments"]] == [False]
    assert what(await audit.get("/v1/as-of", index=gone_on)) == [(1, "in force", ["bob", "carol"])]


async def test_sign_off_expires_at_its_time_without_any_event(audit: Audit) -> None:
    first = await audit.happened((audit.registry, registered("model-early", "early")))
    instant = datetime.fromisoformat(await logged_at(audit, first)) + timedelta(seconds=1.5)
    index = await audit.happened(*before_deployment(audit, instant.isoformat()), (audit.registry, deployed(1)))
    await eventually(audit.site.fetch, "select where clock_timestamp() > $1", instant)
    assert what(await audit.get("/v1/as-of", index=index, time=instant.isoformat())) == [(1, "expired", ["bob", "carol"])]
    earlier = (instant - timedelta(microseconds=1)).isoformat()
    assert what(await audit.get("/v1/as-of", index=index, time=earlier)) == [(1, "in force", ["bob", "carol"])]
    assert what(await audit.get("/v1/as-of")) == [(1, "expired", ["bob", "carol"])]


async def test_newer_sign_off_counts_when_the_first_one_was_revoked(audit: Audit) -> None:
    again = Act("SignOffApproved", MODEL, {**approved(1).data, "sign_off_id": "sign-off-again"}, actor="dora")
    signed = Act("ApprovalGranted", MODEL, {**granted(1, "dora", "reviewer").data, "sign_off_id": "sign-off-again"}, actor="dora")
    await audit.happened(
        *before_deployment(audit),
        (audit.registry, deployed(1)),
        (audit.approval, revoked(1)),
        (audit.approval, signed),
        (audit.approval, again),
    )
    assert what(await audit.get("/v1/as-of")) == [(1, "in force", ["dora"])]


async def test_signature_in_another_persons_place_names_both(audit: Audit) -> None:
    lent = {**granted(1, "dave", "reviewer").data, "sign_off_id": "sign-off-again", "on_behalf_of": "carol"}
    again = Act("SignOffApproved", MODEL, {**approved(1).data, "sign_off_id": "sign-off-again"}, actor="dave")
    signed = Act("ApprovalGranted", MODEL, lent, actor="dave")
    ran = [*before_deployment(audit), (audit.registry, deployed(1)), (audit.approval, revoked(1))]
    await audit.happened(*ran, (audit.approval, signed), (audit.approval, again))
    [one] = (await audit.get("/v1/as-of"))["deployments"]
    assert [(by["person_id"], by["on_behalf_of"]) for by in one["approvals"]] == [("dave", "carol")]


async def test_older_sign_off_counts_while_a_newer_one_is_revoked(audit: Audit) -> None:
    again = Act("SignOffApproved", MODEL, {**approved(1).data, "sign_off_id": "sign-off-again"}, actor="dora")
    undone = Act("SignOffRevoked", MODEL, {**revoked(1).data, "sign_off_id": "sign-off-again"}, actor="dora")
    await audit.happened(*before_deployment(audit), (audit.approval, again), (audit.registry, deployed(1)), (audit.approval, undone))
    assert what(await audit.get("/v1/as-of")) == [(1, "in force", ["bob", "carol"])]


async def test_deployment_that_the_next_one_replaced_and_one_that_ended(audit: Audit) -> None:
    first = await audit.happened((audit.registry, registered()), (audit.registry, version(1)), (audit.registry, deployed(1)))
    second = await audit.happened((audit.registry, version(2)), (audit.registry, deployed(2)))
    third = await audit.happened((audit.registry, ended("deployment-2")))
    numbers = [[one["version_number"] for one in (await audit.get("/v1/as-of", index=at))["deployments"]] for at in (first, second, third)]
    assert numbers == [[1], [2], []]
    assert [one["version_number"] for one in (await audit.get("/v1/as-of", index=second - 1))["deployments"]] == [1]


async def test_same_index_and_time_give_the_same_answer_later(audit: Audit) -> None:
    await audit.happened(*before_deployment(audit), (audit.registry, deployed(1)))
    first = await audit.get("/v1/as-of")
    await audit.happened(
        (audit.approval, revoked(1)), (audit.registry, version(2)), (audit.registry, deployed(2)), (audit.registry, ended("deployment-2"))
    )
    later = await audit.get("/v1/as-of", index=first["index"], time=first["time"])
    told = ("index", "time", "as_of_index", "as_of_time", "deployments")
    assert {name: later[name] for name in told} == {name: first[name] for name in told}
    by_index = [await audit.get("/v1/as-of", index=first["index"]) for _ in range(2)]
    assert by_index[0]["time"] == by_index[1]["time"] == await logged_at(audit, first["index"])


def in_order(deployments: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """By environment and name, as they are within a page; pages go by when a model first came to an environment."""
    return sorted(deployments, key=lambda one: (one["environment"], one["model_name"], one["model_id"]))


def of_model(number: int, *acts: Act) -> list[Act]:
    """The same acts about another model."""
    return [Act(one.type, one.subject.replace(MODEL, f"model-{number}"), _about(number, one.data)) for one in acts]


def _about(number: int, data: dict[str, Any]) -> dict[str, Any]:
    return {key: f"{number}-{value}" if key.endswith("_id") and isinstance(value, str) else value for key, value in data.items()}


async def test_pages_are_about_one_moment_whatever_happens_meanwhile(audit: Audit) -> None:
    for number in range(5):
        await audit.happened(*[(audit.registry, one) for one in of_model(number, registered(), deployed(1), deployed(1, "t", "test"))])
    whole = await audit.get("/v1/as-of")
    assert (len(whole["deployments"]), whole["next_cursor"]) == (10, None)
    pages = [await audit.get("/v1/as-of", limit=4)]
    await audit.happened((audit.registry, registered()), (audit.registry, deployed(1)), *[(audit.registry, ended("0-deployment-1"))])
    while cursor := pages[-1]["next_cursor"]:
        pages.append(await audit.get("/v1/as-of", limit=4, cursor=cursor))
    assert [len(page["deployments"]) for page in pages] == [4, 4, 2]
    assert in_order(one for page in pages for one in page["deployments"]) == whole["deployments"]
    assert {(page["index"], page["time"]) for page in pages} == {(whole["index"], pages[0]["time"])}
    again = await audit.get("/v1/as-of", limit=4, cursor=pages[0]["next_cursor"], index=whole["index"])
    assert again["deployments"] == pages[1]["deployments"]


@pytest.mark.parametrize(
    "query", [{"environment": "prod"}, {"model": "2-model-churn"}, {"model": "churn"}, {"environment": "test", "model": "churn"}]
)
async def test_pages_of_some_deployments_are_all_of_them(audit: Audit, query: dict[str, str]) -> None:
    for number in range(5):
        await audit.happened(*[(audit.registry, one) for one in of_model(number, registered(), deployed(1, "t", "test"), deployed(1))])
    whole = (await audit.get("/v1/as-of"))["deployments"]
    wanted = [
        one for one in whole
        if query.get("environment") in (None, one["environment"]) and query.get("model") in (None, one["model_id"], one["model_name"])
    ]  # fmt: skip
    found: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = await audit.get("/v1/as-of", limit=1, **query, **cursor)
        found += page["deployments"]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert in_order(found) == wanted != []


async def test_cursor_of_another_moment_is_refused(audit: Audit) -> None:
    await audit.happened(*[(audit.registry, one) for number in range(3) for one in of_model(number, registered(), deployed(1))])
    cursor = (await audit.get("/v1/as-of", limit=1))["next_cursor"]
    for other in ({"index": 2}, {"time": "2026-11-23T14:00:00Z"}):
        answer = await audit.ask("/v1/as-of", cursor=cursor, **other)
        assert (answer.status_code, answer.json()["code"]) == (422, "malformed_cursor")


async def test_question_about_now_waits_for_the_append_in_flight(audit: Audit) -> None:
    await audit.happened((audit.registry, registered()))
    async with audit.site.service() as writer:
        transaction = writer.transaction()
        await transaction.start()
        await PostgresAuditLog().append(writer, [an_event(1, source="elsewhere")])
        question = asyncio.create_task(audit.get("/v1/as-of"))
        await eventually(partial(audit.site.fetch, WAITING))
        assert not question.done()
        await transaction.commit()
        assert (await question)["index"] == 1


async def test_question_about_the_past_waits_for_no_writer(audit: Audit) -> None:
    await audit.happened((audit.registry, registered()), (audit.registry, version(1)))
    async with audit.site.service() as writer, writer.transaction():
        await PostgresAuditLog().append(writer, [an_event(1, source="elsewhere")])
        assert (await audit.get("/v1/as-of", time=await logged_at(audit, 0)))["index"] == 0


async def test_time_before_the_first_entry_is_an_empty_log(audit: Audit) -> None:
    await audit.happened((audit.registry, registered()))
    answer = await audit.get("/v1/as-of", time="2000-01-01T00:00:00Z")
    assert (answer["index"], answer["as_of_index"], answer["as_of_time"], answer["deployments"]) == (-1, -1, None, [])


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"time": "2999-01-01T00:00:00Z"}, 422, "time"),
        ({"time": "2026-11-23T14:00:00"}, 422, "time"),
        ({"time": "yesterday"}, 422, "time"),
        ({"index": "1"}, 400, "index"),
        ({"index": "-2"}, 422, "index"),
        ({"index": str(2**63)}, 422, "index"),
        ({"enviroment": "prod"}, 422, "enviroment"),
    ],
)
async def test_moment_that_is_not_on_record_is_refused(audit: Audit, query: dict[str, str], status: int, field: str) -> None:
    await audit.happened((audit.registry, registered()))
    answer = await audit.ask("/v1/as-of", **query)
    assert answer.status_code == status
    assert [error["field"] for error in answer.json()["errors"]] == [field]
