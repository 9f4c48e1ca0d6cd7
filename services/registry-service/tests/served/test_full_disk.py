"""A disk that is full: a small file system where this may be mounted, and everywhere else what the system says about one."""

import errno
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from placet_registry.adapters.blob_folder import BlobFolder
from placet_registry.settings import RegistrySettings
from placet_shared.errors import StorageFull

from .conftest import Approval, Registry, serving

pytestmark = pytest.mark.postgres

MIB = 1024 * 1024


def may_mount() -> bool:
    """Whether this process may make a file system of its own."""
    if os.geteuid() != 0:
        return False
    folder = tempfile.mkdtemp()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True).returncode == 0
    if mounted:
        subprocess.run(["umount", folder], check=True)
    os.rmdir(folder)
    return mounted


@contextmanager
def small_disk(mib: int) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="placet-tests-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=0777", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        shutil.rmtree(folder)


def fill(file: Path) -> None:
    """To the last page."""
    with file.open("wb", buffering=0) as opened, pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        all(opened.write(bytes(4096)) for _ in count())


class MountedDisk:
    """The blobs have two MiB; another program's file fills them."""

    name = "mounted"

    @contextmanager
    def folder(self) -> Iterator[Path]:
        with small_disk(2) as disk:
            self._other = disk / "other"
            yield disk / "blobs"

    @contextmanager
    def full(self) -> Iterator[None]:
        fill(self._other)
        yield
        self._other.unlink()


class LimitedProcess:
    """This process may write no file of more than a few KiB: the same call fails, for a reason of the same kind."""

    name = "limited"

    @contextmanager
    def folder(self) -> Iterator[Path]:
        yield Path(tempfile.mkdtemp(prefix="placet-tests-")) / "blobs"

    @contextmanager
    def full(self) -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


DISKS: list[Any] = [LimitedProcess, *([MountedDisk] if may_mount() else [])]


@pytest.fixture(params=DISKS, ids=lambda disk: disk.name)
def disk(request: pytest.FixtureRequest) -> Any:
    return request.param()


async def ready(registry: Registry) -> dict[str, Any]:
    answer = await registry.alice.get("/health/ready")
    return {"status": answer.status_code, **answer.json().get("facts", {}).get("missing", {})}


async def test_upload_to_a_full_disk_is_507_and_the_service_is_not_ready_until_there_is_room(
    settings: RegistrySettings, approval: Approval, database: str, disk: Any
) -> None:
    content = os.urandom(MIB)
    with disk.folder() as folder:
        told = settings.model_copy(update={"blob_dir": folder})
        async with serving(told, approval, database) as registry:
            assert await ready(registry) == {"status": 200}
            with disk.full():
                answer = await registry.alice.post("/v1/blobs", content=content)
                assert (answer.status_code, answer.headers["content-type"]) == (507, "application/problem+json")
                assert answer.json()["code"] == "storage_full"
                not_ready = await ready(registry)
                assert (not_ready["status"], "where blobs are kept" in not_ready["blobs"]) == (503, True)
                assert (await registry.alice.get("/v1/models")).status_code == 200
            assert list(folder.glob("incoming/*/*")) == []
            assert (await registry.alice.post("/v1/blobs", content=content)).status_code == 201
            assert await ready(registry) == {"status": 200}
            assert len(await registry.events("BlobStored")) == 1


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
async def test_whatever_the_step_a_full_disk_is_told_and_another_error_stays_itself(tmp_path: Path, code: int) -> None:
    async def failing(number: int) -> AsyncIterator[bytes]:
        if number:
            raise OSError(number, os.strerror(number))
        yield b""

    blobs = BlobFolder(tmp_path, MIB)
    blobs.open()
    with pytest.raises(StorageFull):
        await blobs.receive(failing(code))
    with pytest.raises(OSError, match="Input/output"):
        await blobs.receive(failing(errno.EIO))
    blobs.close()


class SmallTablespace:
    """The whole database on a file system of its own; another program's file fills it."""

    name = "mounted"

    @contextmanager
    def holding(self, server: Any, database: str) -> Iterator[None]:
        name = f"small_{database[-12:]}"
        with small_disk(64) as disk:
            self._other, place = disk / "other", disk / "tablespace"
            place.mkdir(mode=0o700)
            owner = Path(server.runner.run(_ask(server.superuser_url(), "show data_directory"))).stat()
            os.chown(place, owner.st_uid, owner.st_gid)
            server.execute(f"create tablespace {name} location '{place}'")
            server.execute(f"alter database {database} set tablespace {name}")
            try:
                yield
            finally:
                server.execute(f"alter database {database} set tablespace pg_default")
                server.execute(f"drop tablespace {name}")

    async def fill(self, superuser: asyncpg.Connection) -> None:
        fill(self._other)

    async def empty(self, superuser: asyncpg.Connection) -> None:
        self._other.unlink()


class SaidToBeFull:
    """Every table that is written says what PostgreSQL says then."""

    name = "said"

    @contextmanager
    def holding(self, server: Any, database: str) -> Iterator[None]:
        yield

    async def fill(self, superuser: asyncpg.Connection) -> None:
        await superuser.execute("""
            create function registry.no_room() returns trigger language plpgsql as $$
            begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
            create trigger no_room before insert on registry.events for each statement execute function registry.no_room();
            create trigger no_room before insert on registry.answers for each statement execute function registry.no_room()
        """)

    async def empty(self, superuser: asyncpg.Connection) -> None:
        await superuser.execute("drop function registry.no_room() cascade")


async def _ask(url: str, question: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


DATABASE_DISKS: list[Any] = [SaidToBeFull, *([SmallTablespace] if may_mount() and "PLACET_TEST_POSTGRES_URL" not in os.environ else [])]


@pytest.fixture(params=DATABASE_DISKS, ids=lambda disk: disk.name)
def database_disk(request: pytest.FixtureRequest, postgres_server: Any, database: str, settings: RegistrySettings) -> Iterator[Any]:
    disk = request.param()
    with disk.holding(postgres_server, urlsplit(database).path[1:]):
        yield disk


async def test_write_to_a_full_database_is_503_that_names_the_disk_and_the_service_is_not_ready_until_there_is_room(
    settings: RegistrySettings, approval: Approval, database: str, database_disk: Any
) -> None:
    superuser = await asyncpg.connect(database)
    async with serving(settings, approval, database) as registry:
        await registry.a_model("before")
        assert await ready(registry) == {"status": 200}
        await database_disk.fill(superuser)
        refused = await until_refused(registry)
        assert (refused["code"], "The disk of this service's database is full" in refused["detail"]) == ("disk_full", True)
        not_ready = await ready(registry)
        assert (not_ready["status"], "is full" in not_ready["database"]) == (503, True)
        assert [model["name"] for model in (await registry.alice.get("/v1/models")).json()["items"]][:1] == ["before"]
        await database_disk.empty(superuser)
        assert await ready(registry) == {"status": 200}
        await registry.a_model("after")
        events = await registry.site.fetch("select position from events order by position")
        assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    await superuser.close()


async def until_refused(registry: Registry) -> dict[str, Any]:
    """What still fits into the pages that there are is written."""
    for number in range(1000):
        answer = await registry.alice.post("/v1/models", json={"name": f"fits-{number}", "description": os.urandom(1000).hex()})
        if answer.status_code != 201:
            assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
            problem: dict[str, Any] = answer.json()
            return problem
    raise AssertionError("everything was written")
