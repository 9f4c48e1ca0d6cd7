"""The first people: from a file, idempotent also after a kill; or by hand. As processes, as they are started in earnest."""

import asyncio
import re
import signal
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import yaml

from forking import fork_program
from placet_approval.adapters.bootstrap_file import BootstrapFileError, read_bootstrap_file
from placet_approval.adapters.first_people import SYSTEM, FirstPeople
from placet_approval.bootstrap import open_own_store
from placet_approval.commands.erase_person import ErasePerson, erase_person
from placet_approval.commands.revoke_token import RevokeToken, revoke_token
from placet_shared.access import Actor
from placet_shared.contracts.approval_people import PEOPLE_EVENTS
from placet_shared.event_store import EventStore, Metadata
from placet_shared.tokens import new_token

from ..conftest import Site

pytestmark = pytest.mark.postgres

ALL_EVENTS = ["PersonAdded", "TokenIssued"] * 2 + ["ServiceAccountNameReserved", "ServiceAccountAdded", "TokenIssued"]


@dataclass
class Installation:
    """A bootstrap file with dora, alice and ci, and their tokens by name."""

    path: Path
    tokens: dict[str, str]

    def write(self, **more: object) -> None:
        people = [
            {"name": "dora", "display_name": "Dora Maar", "roles": ["admin"], "token_file": "dora.token"},
            {"name": "alice", "roles": ["developer"], "token_file": str(self.path.parent / "alice.token")},
        ]
        accounts = [{"name": "ci", "roles": ["pipeline"], "token_file": "ci.token"}]
        self.path.write_text(yaml.safe_dump({"people": people, "service_accounts": accounts, **more}))

    def token_for(self, name: str) -> str:
        self.tokens[name] = new_token()
        (self.path.parent / f"{name}.token").write_text(self.tokens[name] + "\n")
        return f"{name}.token"


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    made = Installation(tmp_path / "first.yaml", {})
    for name in ("dora", "alice", "ci"):
        made.token_for(name)
    made.write()
    return made


async def people_events(site: Site) -> list[str]:
    return [name for name in await site.event_types() if name in PEOPLE_EVENTS]


async def start(site: Site, installation: Installation) -> dict[str, Actor | None]:
    """Start the service and stop it again; name → whom the token stands for."""
    async with site.services(bootstrap_file=installation.path) as services:
        return {name: await services.authenticator.authenticate(token) for name, token in installation.tokens.items()}


async def test_bootstrap_file_lets_its_people_in(site: Site, installation: Installation) -> None:
    actors = await start(site, installation)
    assert {name: (actor.kind, set(actor.roles)) for name, actor in actors.items() if actor} == {
        "dora": ("person", {"admin"}),
        "alice": ("person", {"developer"}),
        "ci": ("service_account", {"pipeline"}),
    }
    assert await people_events(site) == ALL_EVENTS
    assert {row["actor"] for row in await site.fetch("select actor from events")} == {"system:approval"}
    stored = await site.stored()
    assert not [token for token in installation.tokens.values() if token in str(stored)]
    assert {table for table, rows in stored.items() if "alice" in rows or "Maar" in rows} == {"people_names"}


async def test_bootstrap_twice_changes_nothing(site: Site, installation: Installation) -> None:
    first = await start(site, installation)
    assert await start(site, installation) == first
    assert await people_events(site) == ALL_EVENTS


async def test_bootstrap_by_several_processes_at_once_is_done_once(site: Site, installation: Installation) -> None:
    first, *others = await asyncio.gather(*[start(site, installation) for _ in range(3)])
    assert others == [first, first]
    assert sorted(await people_events(site)) == sorted(ALL_EVENTS)


@pytest.mark.parametrize("point", ["writer.before_commit", "writer.after_commit"])
@pytest.mark.parametrize("commit", [1, 2, 4, 6])
async def test_bootstrap_killed_in_the_middle_is_finished_by_the_next_start(
    site: Site, installation: Installation, point: str, commit: int
) -> None:
    environment = site.environment(PLACET_APPROVAL_BOOTSTRAP_FILE=str(installation.path), PLACET_CRASH_AT=f"{point}:{commit}")
    process = await fork_program("placet_approval", env=environment)
    assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL
    assert len(await people_events(site)) < len(ALL_EVENTS) or (point, commit) == ("writer.after_commit", 6)
    assert all((await start(site, installation)).values())
    assert await people_events(site) == ALL_EVENTS


async def test_bootstrap_file_that_grew_adds_only_what_is_new(site: Site, installation: Installation) -> None:
    await start(site, installation)
    erin = {"name": "erin", "roles": ["auditor"], "token_file": installation.token_for("erin")}
    dora = {"name": "dora", "roles": ["auditor"], "token_file": installation.token_for("dora2")}
    installation.write(people=[dora, erin])
    actors = await start(site, installation)
    roles = {name: actor.roles for name, actor in actors.items() if actor}
    assert roles["dora2"] == {"admin"}, "roles in the file are those to begin with"
    assert roles["alice"] == {"developer"}, "who is no longer in the file stays"
    assert (await people_events(site))[len(ALL_EVENTS) :] == ["TokenIssued", "PersonAdded", "TokenIssued"]


async def test_bootstrap_undoes_no_revocation_no_deactivation_and_no_erasure(site: Site, installation: Installation) -> None:
    await start(site, installation)
    async with site.services(bootstrap_file=installation.path) as services:
        actor = await services.authenticator.authenticate(installation.tokens["ci"])
        assert actor
        await _erase_and_revoke(services.store, "alice", actor.token_id)
    before = await people_events(site)
    installation.token_for("alice")
    actors = await start(site, installation)
    assert (actors["alice"], actors["ci"]) == (None, None)
    assert await people_events(site) == before
    assert not await site.fetch("select 1 from people_names where name = 'alice'")


async def test_no_admin_and_no_file_says_how_to_make_one(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    async with site.services():
        pass
    assert "python -m placet_approval add-admin NAME" in caplog.text


async def test_admin_added_by_hand_is_let_in_with_the_token_that_was_printed(site: Site) -> None:
    first, second = await _add_admin(site, "dora"), await _add_admin(site, "dora")
    assert first != second
    async with site.services() as services:
        actors = [await services.authenticator.authenticate(token) for token in (first, second)]
    assert [actor.roles for actor in actors if actor] == [{"admin"}, {"admin"}]
    assert await people_events(site) == ["PersonAdded", "TokenIssued", "TokenIssued"]


async def test_token_made_by_hand_lets_a_person_in_and_has_no_issuer(site: Site) -> None:
    await _add_admin(site, "dora")
    status, token = await _act(site, "issue-token", "dora")
    assert status == 0
    async with site.services() as services:
        actor = await services.authenticator.authenticate(token)
    assert actor is not None
    assert (await _act(site, "issue-token", "nina"))[0] == 1
    [*_, issued] = await site.fetch(
        "select convert_from(data, 'UTF8')::jsonb ->> 'issuers' as issuers from events where type = 'TokenIssued'"
    )
    assert issued["issuers"] == "[]"


async def test_admin_added_by_hand_keeps_the_roles_there_were(site: Site, installation: Installation) -> None:
    await start(site, installation)
    async with open_own_store(site.settings()) as store:
        await FirstPeople(store).make_admin("alice")
    roles = {name: actor.roles for name, actor in (await start(site, installation)).items() if actor}
    assert roles["alice"] == {"admin", "developer"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("people: [{nam: dora}]", "line 1: people.0.nam: unknown field `nam`, did you mean `name`?"),
        ("people:\n - {name: dora}\n - {name: dora}", "each name once"),
        ("people: [{name: dora, token_file: a}, {name: alice, token_file: a}]", "each token_file once"),
        ("people: [", "line 1"),
    ],
)
def test_bootstrap_file_that_can_not_be_used_names_the_place(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "first.yaml"
    path.write_text(text)
    with pytest.raises(BootstrapFileError, match=re.escape(complaint)):
        read_bootstrap_file(path)


@pytest.mark.parametrize("content", [None, "", "placet_short", pytest.param(new_token()[:-1] + "!", id="wrong character")])
async def test_token_file_that_can_not_be_used_stops_the_start_before_anything_is_done(
    site: Site, installation: Installation, content: str | None
) -> None:
    token_file = installation.path.parent / "ci.token"
    if content is None:
        token_file.unlink()
    else:
        token_file.write_text(content)
    with pytest.raises(BootstrapFileError, match=re.escape(str(token_file))) as caught:
        await start(site, installation)
    assert not content or content not in str(caught.value)
    assert await people_events(site) == []


async def test_process_logs_and_serves_without_ever_showing_a_token(site: Site, installation: Installation) -> None:
    environment = site.environment(PLACET_APPROVAL_BOOTSTRAP_FILE=str(installation.path), PLACET_LOG_LEVEL="DEBUG")
    process = await fork_program("placet_approval", "serve", env=environment, stderr=asyncio.subprocess.PIPE)
    assert process.stderr
    logged = ""
    try:
        async with asyncio.timeout(60):
            while not (port := re.search(r'"port":(\d+)', logged)):
                logged += (await process.stderr.readline()).decode()
        issued = await _issue_token(int(port[1]), installation.tokens["dora"])
        process.send_signal(signal.SIGTERM)
        logged += (await asyncio.wait_for(process.stderr.read(), 60)).decode()
        assert await asyncio.wait_for(process.wait(), 60) in (0, -signal.SIGTERM)
    finally:
        if process.returncode is None:
            process.kill()
    assert "/v1/tokens" in logged, "at DEBUG each request is logged"
    assert not [token for token in (*installation.tokens.values(), issued) if token in logged]


async def _issue_token(port: int, token: str) -> str:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}) as client:
        issued = await client.post("/v1/tokens", json={"holder": "ci"})
        assert (await client.get(f"/v1/people/{token}")).status_code == 404
    assert issued.status_code == 201, issued.text
    return str(issued.json()["token"])


async def _add_admin(site: Site, name: str) -> str:
    status, printed = await _act(site, "add-admin", name)
    assert status == 0
    return printed


async def _act(site: Site, *words: str) -> tuple[int | None, str]:
    process = await fork_program("placet_approval", *words, env=site.environment(), stdout=asyncio.subprocess.PIPE)
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, printed.decode().strip()


async def _erase_and_revoke(store: EventStore, person: str, token_id: str) -> None:
    metadata = Metadata(actor=SYSTEM.id, correlation="test")
    await store.execute(erase_person, ErasePerson(person), metadata=metadata, actor=SYSTEM)
    await store.execute(revoke_token, RevokeToken(token_id, None), metadata=metadata, actor=SYSTEM)
