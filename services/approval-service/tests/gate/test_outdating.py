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
