"""`python -m placet_registry` as a process of its own, killed and started again; approval-service is stood in for on a socket."""

import asyncio
import json
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from forking import ForkedProgram, fork_program
from placet_registry.settings import RegistrySettings
from placet_shared.postgres import connect
from placet_shared.testing import eventually, served
from placet_shared.tokens import token_hash

from .conftest import SCHEMA, Approval

pytestmark = pytest.mark.postgres

CONTENT = b"model" * 1000
DIGEST = sha256(CONTENT).hexdigest()


def stand_in(approval: Approval) -> FastAPI:
    """The two questions that the registry asks approval-service."""
    app = FastAPI()
    by_hash = {token_hash(token): actor for token, actor in approval.actors.items()}

    @app.post("/v1/tokens/introspect")
    async def introspect(request: Request) -> Any:
        actor = by_hash.get((await request.json())["token_sha256"])
        if actor is None:
            return {"active": False}
        return {"active": True, "actor": {"id": actor.id, "kind": actor.kind, "roles": sorted(actor.roles)}, "token_id": actor.token_id}

    @app.get("/v1/people/{person}")
    async def get_person(person: str) -> Any:
        found = await approval.person_id(person)
        return {"person_id": found} if found else Response(status_code=404)

    return app


@pytest.fixture
async def approval_url(approval: Approval) -> AsyncIterator[str]:
    async with served(stand_in(approval)) as server:
        yield server.url


@pytest.fixture
def environment(settings: RegistrySettings, approval_url: str, tmp_path: Path) -> dict[str, str]:
    """What the process is told."""
    token = tmp_path / "registry.token"
    token.write_text("placet_the-service's-own\n")
    assert settings.migration_url is not None
    return {
        "PATH": os.environ["PATH"],
        "PLACET_REGISTRY_DATABASE_URL": settings.database_url.get_secret_value(),
        "PLACET_REGISTRY_MIGRATION_URL": settings.migration_url.get_secret_value(),
        "PLACET_REGISTRY_SERVICE_TOKEN_FILE": str(token),
        "PLACET_REGISTRY_BLOB_DIR": str(settings.blob_folder),
        "PLACET_REGISTRY_PORT": "0",
        "PLACET_APPROVAL_URL": approval_url,
    }


@asynccontextmanager
async def process(environment: dict[str, str], *arguments: str, **more: str) -> AsyncIterator[ForkedProgram]:
    pipe = asyncio.subprocess.PIPE
    running = await fork_program("placet_registry", *arguments, env={**environment, **more}, stdout=pipe, stderr=pipe)
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def run(environment: dict[str, str], *arguments: str) -> tuple[int | None, str]:
    """Exit code and everything that was printed."""
    async with process(environment, *arguments) as running:
        out, err = await asyncio.wait_for(running.communicate(), 30)
        return running.returncode, (out + err).decode()


@asynccontextmanager
async def service(environment: dict[str, str], approval: Approval, **more: str) -> AsyncIterator[tuple[httpx.AsyncClient, ForkedProgram]]:
    """The ready process, and alice's client."""
    async with process(environment, **more) as running:
        url = f"http://127.0.0.1:{await _port(running)}"
        async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {approval.tokens['alice']}"}) as alice:

            async def is_ready() -> bool:
                return (await alice.get("/health/ready")).status_code == 200

            await eventually(is_ready)
            yield alice, running


async def _port(running: ForkedProgram) -> int:
    assert running.stderr is not None
    async with asyncio.timeout(30):
        async for line in running.stderr:
            said = json.loads(line)
            if said["message"] == "listening":
                return int(said["extra"]["port"])
    raise AssertionError("it ended before it listened")


async def a_model(alice: httpx.AsyncClient) -> str:
    answer = await alice.post("/v1/models", json={"name": "churn"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def count(database: str, event_type: str) -> int:
    connection = await connect(database, SCHEMA)
    try:
        return int(await connection.fetchval("select count(*) from events where type = $1", event_type))
    finally:
        await connection.close()


async def test_service_that_was_killed_has_everything_once(environment: dict[str, str], approval: Approval, database: str) -> None:
    async with service(environment, approval) as (alice, running):
        model_id = await a_model(alice)
        assert (await alice.put(f"/v1/blobs/{DIGEST}", content=CONTENT)).status_code == 201
        body = {"artifact": {"sha256": DIGEST}, "format": "onnx", "lineage": {"trained_by": ["bob"]}}
        assert (await alice.post(f"/v1/models/{model_id}/versions", json=body)).status_code == 201
        running.kill()
    async with service(environment, approval) as (alice, _):
        (version,) = (await alice.get(f"/v1/models/{model_id}/versions")).json()["items"]
        assert version["lineage"]["trained_by"] == [approval.people["bob"]]
        assert (await alice.get(f"/v1/blobs/{DIGEST}")).content == CONTENT
        assert len((await alice.get("/v1/environments")).json()["items"]) == 3
    assert await count(database, "EnvironmentDefined") == 3


async def test_service_killed_between_commit_and_answer_answers_the_repeated_request(
    environment: dict[str, str], approval: Approval, database: str
) -> None:
    async with service(environment, approval) as (alice, _):
        model_id = await a_model(alice)
    body = {"artifact": {"sha256": DIGEST, "uri": "s3://bucket/model", "size": 1}, "format": "onnx"}
    sending: dict[str, Any] = {"url": f"/v1/models/{model_id}/versions", "json": body, "headers": {"Idempotency-Key": "k"}}
    async with service(environment, approval, PLACET_CRASH_AT="store.before_answer") as (alice, running):
        with pytest.raises(httpx.TransportError):
            await alice.post(**sending)
        assert await running.wait() == -signal.SIGKILL
    async with service(environment, approval) as (alice, _):
        answer = await alice.post(**sending)
        assert (answer.status_code, answer.json()["number"], answer.headers["idempotency-replayed"]) == (201, 1, "true")
    assert await count(database, "VersionRegistered") == 1


@pytest.mark.parametrize("point", ["blob.before_rename", "writer.before_commit"])
async def test_service_killed_while_it_keeps_a_blob_keeps_it_at_the_next_upload(
    environment: dict[str, str], approval: Approval, settings: RegistrySettings, point: str
) -> None:
    async with service(environment, approval):
        pass
    async with service(environment, approval, PLACET_CRASH_AT=point) as (alice, running):
        with pytest.raises(httpx.TransportError):
            await alice.put(f"/v1/blobs/{DIGEST}", content=CONTENT)
        assert await running.wait() == -signal.SIGKILL
    async with service(environment, approval) as (alice, _):
        assert list(settings.blob_folder.glob("incoming/*/*")) == []
        assert (await alice.get(f"/v1/blobs/{DIGEST}")).status_code == 404
        assert (await alice.put(f"/v1/blobs/{DIGEST}", content=CONTENT)).status_code == 201
        assert (await alice.get(f"/v1/blobs/{DIGEST}")).content == CONTENT


async def test_service_that_is_told_to_stop_stops_cleanly(
    environment: dict[str, str], approval: Approval, settings: RegistrySettings
) -> None:
    async with service(environment, approval) as (_, running):
        running.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(running.wait(), 20) in (0, -signal.SIGTERM)
    assert list(settings.blob_folder.glob("incoming/*")) == []


async def test_service_started_before_its_database_waits_with_one_line_and_goes_on(
    environment: dict[str, str], approval: Approval, tmp_path: Path
) -> None:
    own, sockets = Absent.of(environment["PLACET_REGISTRY_DATABASE_URL"], tmp_path)
    async with process(environment, PLACET_REGISTRY_DATABASE_URL=own) as running:
        (first,) = await lines(running, until="waiting for the database")
        assert (first["level"], first["message"].startswith("waiting for the database: it does not answer: ")) == ("warning", True)
        sockets.comes()
        there, *_, listening = await lines(running, until="listening")
        assert there["message"] == "the database is there"
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listening['extra']['port']}") as client:
            assert (await client.get("/health/live")).status_code == 200


async def test_service_that_waits_for_its_database_stops_when_it_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    own, _ = Absent.of(environment["PLACET_REGISTRY_DATABASE_URL"], tmp_path)
    async with process(environment, PLACET_REGISTRY_DATABASE_URL=own) as running:
        await lines(running, until="waiting for the database")
        running.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(running.wait(), 20) == 0


class Absent:
    """A server whose socket is not there until it comes."""

    def __init__(self, real: Path, folder: Path) -> None:
        self._real, self._folder = real, folder

    @classmethod
    def of(cls, url: str, folder: Path) -> tuple[str, "Absent"]:
        """The same database's URL behind another folder of the socket."""
        (real,) = re.findall(r"host=([^&]+)", unquote(url))
        return unquote(url).replace(real, str(folder)), cls(Path(real), folder)

    def comes(self) -> None:
        (self._folder / ".s.PGSQL.5432").symlink_to(self._real / ".s.PGSQL.5432")


async def lines(running: ForkedProgram, until: str) -> list[dict[str, Any]]:
    """What the process logs, up to the line that begins like this."""
    assert running.stderr is not None
    said: list[dict[str, Any]] = []
    async with asyncio.timeout(30):
        async for line in running.stderr:
            said.append(json.loads(line))
            if said[-1]["message"].startswith(until):
                return said
    raise AssertionError(f"it ended and said only {said}")


async def test_migrate_a_second_time_has_nothing_to_do(environment: dict[str, str]) -> None:
    assert await run(environment, "migrate") == (0, "nothing to apply\n")


async def test_service_without_its_tables_refuses_to_start(environment: dict[str, str]) -> None:
    code, said = await run({**environment, "PLACET_REGISTRY_SCHEMA": "elsewhere"})
    assert code != 0
    assert "run the migrations first" in said


async def test_service_as_a_superuser_refuses_to_start(environment: dict[str, str]) -> None:
    code, said = await run({**environment, "PLACET_REGISTRY_DATABASE_URL": environment["PLACET_REGISTRY_MIGRATION_URL"]})
    assert code != 0
    assert "could rewrite history" in said


@pytest.mark.parametrize("missing", ["PLACET_REGISTRY_DATABASE_URL", "PLACET_REGISTRY_SERVICE_TOKEN_FILE"])
async def test_service_without_a_setting_that_it_needs_names_it(environment: dict[str, str], missing: str) -> None:
    code, said = await run({name: value for name, value in environment.items() if name != missing})
    assert code == 2
    assert missing in said


async def test_migrate_without_its_url_names_it(environment: dict[str, str]) -> None:
    del environment["PLACET_REGISTRY_MIGRATION_URL"]
    code, said = await run(environment, "migrate")
    assert code == 2
    assert "PLACET_REGISTRY_MIGRATION_URL" in said
