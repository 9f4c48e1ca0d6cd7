"""What has arrived ends sign-offs that no longer cover how things are, unasked."""

import orjson
import pytest

from placet_approval.commands.invalidate_sign_off import invalidate_outdated
from placet_shared.testing import eventually

from .conftest import Town, verdict

pytestmark = pytest.mark.postgres


async def until_ended(town: Town, path: str) -> None:
    async def ended() -> bool:
        return (await town.sees(path))["state"] not in ("pending", "approved")

    await eventually(ended)


@pytest.mark.parametrize("approved", [True, False])
async def test_new_result_ends_the_sign_off_by_an_event(town: Town, approved: bool) -> None:
    path = await (town.an_approved_sign_off() if approved else town.a_pending_sign_off())
    town.in_haste = True
    await town.verifies(result="d" * 64)
    await until_ended(town, path)
    seen = await town.sees(path)
    digests = [seen["invalidated"][name]["result_sha256"] for name in ("old", "new")]
    assert (seen["state"], seen["invalidated"]["field"], digests) == ("invalidated", "evidence", ["b" * 64, "d" * 64])
    [row] = await town.service.site.fetch("select actor, subject, data from events where type = 'SignOffInvalidated'")
    assert (row["actor"], row["subject"], orjson.loads(row["data"])["field"]) == ("system:approval", town.model_id, "evidence")


async def test_same_result_again_ends_nothing(town: Town) -> None:
    path = await town.an_approved_sign_off()
    await town.verifies()
    assert await invalidate_outdated(town.store) == []
    assert (await town.sees(path))["state"] == "approved"


async def test_nothing_ends_while_a_restored_source_is_read_again(town: Town) -> None:
    path = await town.an_approved_sign_off()
    town.verification.flowing.clear()
    await town.connection.execute("update marks set rebuild_until = position + 1 where source = 'verification'; delete from known_runs")
    assert await invalidate_outdated(town.store) == []
    assert (await town.sees(path))["state"] == "approved"
    kind, decided, codes = verdict(await town.asks())
    assert (kind, decided, codes[0]) == ("deny", False, "source_restored")
    await town.connection.execute("update marks set rebuild_until = 0")
    assert len(await invalidate_outdated(town.store)) == 1, "now it is known that the result is gone"


async def test_one_that_can_not_be_looked_at_holds_up_no_other(town: Town) -> None:
    first = await town.an_approved_sign_off()
    town.version_id = await town.registers(2, artifact="c" * 64)
    await town.verifies()
    second = await town.an_approved_sign_off()
    [gone] = [row["version_id"] for row in await town.connection.fetch("select version_id from known_versions where number = 1")]
    await town.connection.execute("delete from known_versions where number = 1")
    town.in_haste = True
    await town.verifies(result="d" * 64)
    await until_ended(town, second)
    assert (await town.sees(first))["state"] == "approved"
    assert gone != town.version_id
    assert "ActionRefused" not in await town.service.site.event_types()


@pytest.mark.parametrize("approved", [True, False])
async def test_run_that_waited_in_the_queue_does_not_answer_a_failure_since_its_request(town: Town, approved: bool) -> None:
    if approved:
        await town.an_approved_sign_off()
    waiting = await town.requests_run()
    await town.verifies(passed=False, result="d" * 64)
    await town.verifies(requested=waiting)
    assert not (await town.asks())["allowed"]
    refused = await town.request()
    assert (refused.status_code, refused.json()["code"]) == (409, "verification_failed")
    await town.verifies()
    assert (await town.request()).status_code == 201


async def test_failure_counts_for_all_that_was_requested_before_it_ended(town: Town) -> None:
    failing, passing = await town.requests_run(), await town.requests_run()
    await town.verifies(requested=passing)
    path = await town.an_approved_sign_off()
    await town.verifies(requested=failing, passed=False, result="d" * 64)
    await until_ended(town, path)
    assert (await town.request()).json()["code"] == "verification_failed"


async def test_pass_whose_request_is_not_known_answers_no_failure(town: Town) -> None:
    await town.verifies(passed=False, result="d" * 64)
    skipped = await town.requests_run()
    await town.connection.execute("delete from known_run_places where run_id = $1", skipped["run_id"])
    await town.verifies(requested=skipped)
    assert (await town.request()).json()["code"] == "verification_failed"
