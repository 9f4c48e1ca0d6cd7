"""Ingest: each event once and in its source's order, through kills and restores, whatever it says."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from forking import ForkedProgram, fork_program
from placet_shared.testing import eventually

from .conftest import Audit, Site, running_audit
from .sources import SERVICE_TOKEN, Act, Neighbour
from .story import approved, registered

pytestmark = pytest.mark.postgres

MORE_THAN_A_PAGE = 1100  # of 500 events, which are logged in one transaction
MARKS = "select source, position from marks where source = any ($1)"


def tagged(number: int) -> Act:
    return Act("ModelTagged", f"model-{number}", {"model_id": f"model-{number}", "key": "a", "value": str(number)})


async def logged(site: Site, source: str) -> list[asyncpg.Record]:
    return [row for row in await site.entries() if row["source"] == source]


async def until_logged(site: Site, *sources: Neighbour) -> None:
    heads = {source.name: len(await source.events()) for source in sources}

    async def reached() -> bool:
        return {row["source"]: row["position"] for row in await site.fetch(MARKS, list(heads))} == heads

    await eventually(reached)


async def until_there_are(number: int, site: Site) -> None:
    """So many entries of the registry."""

    async def there_are() -> bool:
        return len(await logged(site, "registry")) >= number

    await eventually(there_are)


async def start(site: Site, token_file: Path, others: Sequence[Neighbour], crash_at: str = "") -> ForkedProgram:
    """The service as a process."""
    urls = {f"PLACET_{other.name.upper()}_URL": other.url for other in others}
    own = {"PLACET_AUDIT_DATABASE_URL": site.url, "PLACET_AUDIT_PORT": "0", "PLACET_AUDIT_SERVICE_TOKEN_FILE": str(token_file)}
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **urls, **own, "PLACET_CRASH_AT": crash_at}
    return await fork_program("placet_audit", env=environment, stderr=asyncio.subprocess.DEVNULL)


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "audit.token"
    file.write_text(SERVICE_TOKEN)
    return file


@pytest.mark.parametrize("point", ["consumer.before_mark", "consumer.before_commit", "consumer.after_commit"])
async def test_killed_service_logs_each_event_once_and_in_order(
    site: Site, registry: Neighbour, verification: Neighbour, approval: Neighbour, token_file: Path, point: str
) -> None:
    others = (registry, verification, approval)
    for other in others:
        await other.record_at_once(*[tagged(number) for number in range(MORE_THAN_A_PAGE)])
    for time in (1, 3):
        process = await start(site, token_file, others, crash_at=f"{point}:{time}")
        assert await process.wait() == -signal.SIGKILL
        entries = await site.entries()
        assert [row["index"] for row in entries] == list(range(len(entries)))
    process = await start(site, token_file, others)
    await until_logged(site, *others)
    process.terminate()
    await process.wait()
    for other in others:
        told = [(row["position"], row["id"], row["prev"], row["data"]) for row in await other.events()]
        assert [(row["position"], row["event_id"], row["prev"], row["data"]) for row in await logged(site, other.name)] == told


async def test_two_processes_log_each_event_once(
    site: Site, registry: Neighbour, verification: Neighbour, approval: Neighbour, token_file: Path
) -> None:
    others = (registry, verification, approval)
    for other in others:
        await other.record_at_once(*[tagged(number) for number in range(MORE_THAN_A_PAGE)])
    processes = [await start(site, token_file, others) for _ in range(2)]
    await until_logged(site, *others)
    for process in processes:
        process.terminate()
        await process.wait()
    for other in others:
        assert [row["position"] for row in await logged(site, other.name)] == list(range(1, MORE_THAN_A_PAGE + 1))
    assert [row["index"] for row in await site.entries()] == list(range(3 * MORE_THAN_A_PAGE))


async def test_page_of_one_source_is_logged_at_one_time(audit: Audit) -> None:
    await audit.registry.record_at_once(*[tagged(number) for number in range(300)])
    await until_logged(audit.site, audit.registry)
    assert len({row["logged_at"] for row in await logged(audit.site, "registry")}) == 1


async def test_restored_source_has_both_branches_in_the_log(audit: Audit) -> None:
    await audit.happened(*[(audit.registry, tagged(number)) for number in range(5)])
    lost = await audit.registry.events()
    await audit.registry.restore_backup(after=2)
    await audit.registry.record(tagged(7), tagged(8), tagged(9))
    kept = await audit.registry.events()
    await until_there_are(8, audit.site)
    entries = await logged(audit.site, "registry")
    assert [row["event_id"] for row in entries] == [row["id"] for row in (*lost, *kept[2:])]
    assert [(row["epoch"], row["position"]) for row in entries[5:]] == [(2, 3), (2, 4), (2, 5)]
    audit.seen.clear()
    [fork] = (await audit.get("/v1/sources"))["forks"]
    assert (fork["source"], fork["found_at_index"]) == ("registry", 4)
    assert (fork["lost_epoch"], fork["lost_position"], fork["kept_epoch"], fork["kept_position"]) == (1, 5, 1, 2)

    await audit.happened((audit.registry, tagged(10)))
    assert (await logged(audit.site, "registry"))[-1]["position"] == 6


async def test_source_restored_twice_without_a_word_between_has_two_forks(audit: Audit) -> None:
    await audit.happened(*[(audit.registry, tagged(number)) for number in range(5)])
    for after in (4, 2):
        await audit.registry.restore_backup(after=after)
        await eventually(partial(audit.site.fetch, "select * from forks where kept_position = $1", after))
    assert [row["found_at_index"] for row in await audit.site.fetch("select * from forks order by number")] == [4, 4]


async def test_source_that_lost_everything_is_read_from_its_beginning(audit: Audit) -> None:
    await audit.happened((audit.registry, tagged(1)), (audit.registry, tagged(2)))
    async with audit.site.superuser() as superuser:
        await superuser.execute("set session_replication_role = replica; truncate registry.events, registry.epochs, registry.store cascade")
    await audit.registry.record(tagged(3))
    await until_there_are(3, audit.site)
    assert [row["position"] for row in await logged(audit.site, "registry")] == [1, 2, 1]
    [fork] = await audit.site.fetch("select * from forks")
    assert (fork["lost_position"], fork["kept_position"]) == (2, 0)


STRANGE: list[tuple[str, dict[str, object]]] = [
    ("SomethingNew", {"of": ["a", {"later": "release"}]}),
    ("ModelRegistered", {}),
    ("ModelRegistered", {"model_id": 7, "name": None}),
    ("ModelRegistered", {"model_id": "model\0nul", "name": "nul\0"}),
    ("VersionRegistered", {"version_id": "v", "model_id": "m", "number": 2**40, "artifact": {"sha256": "x"}}),
    ("VersionRegistered", {"version_id": "v", "model_id": "m", "number": 1, "artifact": "none"}),
    ("DeploymentReported", {"environment": "e" * 30000, "model_id": "m" * 30000}),
    ("DeploymentEnded", {"deployment_id": {"an": "object"}}),
    ("SignOffApproved", {**approved(1).data, "expires_at": "?"}),
    ("SignOffApproved", {**approved(1).data, "artifact_sha256": None}),
    ("GateDecisionMade", {"allowed": "perhaps", "environment": ["prod"]}),
    ("ActionRefused", {"action\0": "x", "code": "y" * 10000}),
]


async def test_event_of_an_unknown_type_is_logged_and_has_a_line(audit: Audit) -> None:
    await audit.happened(*[(audit.registry, Act(type_, "something", data)) for type_, data in STRANGE])
    await audit.happened((audit.registry, registered()))
    assert await audit.types(source="registry") == [*[type_ for type_, _ in STRANGE], "ModelRegistered"]
    assert [row["data"] for row in await audit.site.entries()] == [row["data"] for row in await audit.registry.events()]
    assert await audit.site.fetch("select * from parked_events") == []
    [line] = (await audit.get("/v1/timeline", type="SomethingNew"))["items"]
    assert (line["result"], line["subject"], line["model_id"], line["details"]) == ("done", "something", None, {})
    assert await audit.types(model="churn", source="registry", type="ModelRegistered") == ["ModelRegistered"]


async def test_restarted_service_goes_on_where_it_was(site: Site, registry: Neighbour) -> None:
    for first in (0, 3):
        await registry.record(*[tagged(number) for number in range(first, first + 3)])
        async with running_audit(site, registry):
            await until_logged(site, registry)
    assert [row["position"] for row in await site.entries()] == [1, 2, 3, 4, 5, 6]


async def test_entry_shows_the_event_as_its_source_recorded_it(audit: Audit) -> None:
    await audit.happened((audit.registry, Act("ModelTagged", "model-é", {"key": "é \u2028", "value": 1.5}, on_behalf_of="dora")))
    [event] = await audit.registry.events()
    entry = await audit.get("/v1/entries/0")
    assert entry["data_bytes"].encode() == event["data"]
    shown = entry["event"]
    assert (shown["id"], shown["type"], shown["subject"]) == (str(event["id"]), "placet.ModelTagged.v1", "model-é")
    assert (shown["actor"], shown["onbehalfof"], shown["position"], shown["epoch"]) == ("alice", "dora", 1, 1)


@pytest.mark.parametrize(("index", "status"), [("1", 404), ("-1", 422), (str(2**63), 422), ("first", 422)])
async def test_entry_that_is_not_there(audit: Audit, index: str, status: int) -> None:
    await audit.happened((audit.registry, tagged(1)))
    assert (await audit.ask(f"/v1/entries/{index}")).status_code == status
