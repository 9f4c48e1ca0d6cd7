"""The blob folder as a file system holds it."""

import asyncio
import hashlib
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from placet_registry.adapters.blob_folder import BlobFolder
from placet_shared.errors import TooLarge

UPLOAD_AND_DIE = """
import asyncio, sys
from pathlib import Path
from placet_registry.adapters.blob_folder import BlobFolder

async def chunks():
    yield b"model"

async def main():
    blobs = BlobFolder(Path(sys.argv[1]), 100)
    blobs.open()
    await blobs.keep(await blobs.receive(chunks()))

asyncio.run(main())
"""


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def failing() -> AsyncIterator[bytes]:
    yield b"begun"
    raise ConnectionError("the other side went away")


def files(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def blobs(tmp_path: Path) -> Iterator[BlobFolder]:
    folder = BlobFolder(tmp_path, limit_bytes=10)
    folder.open()
    yield folder
    folder.close()


async def test_received_bytes_are_counted_and_hashed(blobs: BlobFolder) -> None:
    received = await blobs.receive(chunks(b"mo", b"", b"del"))
    assert (received.sha256, received.size) == (hashlib.sha256(b"model").hexdigest(), 5)
    assert received.path.read_bytes() == b"model"


async def test_kept_bytes_are_found_under_their_digest(blobs: BlobFolder, tmp_path: Path) -> None:
    received = await blobs.receive(chunks(b"model"))
    await blobs.keep(received)
    await blobs.discard(received)
    kept = await blobs.find(received.sha256)
    assert kept is not None
    assert (kept.size, kept.path.read_bytes()) == (5, b"model")
    assert files(tmp_path) == [Path(received.sha256[:2], received.sha256[2:4], received.sha256)]


async def test_discarded_bytes_leave_nothing(blobs: BlobFolder, tmp_path: Path) -> None:
    received = await blobs.receive(chunks(b"model"))
    await blobs.discard(received)
    assert await blobs.find(received.sha256) is None
    assert files(tmp_path) == []


async def test_kept_bytes_stay_when_the_same_come_again(blobs: BlobFolder, tmp_path: Path) -> None:
    first = await blobs.receive(chunks(b"model"))
    await blobs.keep(first)
    kept = await blobs.find(first.sha256)
    assert kept is not None
    inode = kept.path.stat().st_ino
    again = await blobs.receive(chunks(b"model"))
    await blobs.keep(again)
    await blobs.keep(again)
    await blobs.discard(again)
    assert kept.path.stat().st_ino == inode
    assert len(files(tmp_path)) == 1


@pytest.mark.parametrize(("parts", "announced"), [((b"x" * 11,), 0), ((b"x" * 10, b"x"), 0), ((), 11)])
async def test_bytes_above_the_limit_are_refused_and_leave_nothing(
    blobs: BlobFolder, tmp_path: Path, parts: tuple[bytes, ...], announced: int
) -> None:
    with pytest.raises(TooLarge):
        await blobs.receive(chunks(*parts), announced)
    assert files(tmp_path) == []


async def test_bytes_at_the_limit_are_taken(blobs: BlobFolder) -> None:
    assert (await blobs.receive(chunks(b"x" * 10), announced=10)).size == 10


async def test_bytes_that_break_off_leave_nothing(blobs: BlobFolder, tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        await blobs.receive(failing())
    assert files(tmp_path) == []


async def test_what_a_killed_process_left_is_swept_at_the_next_start(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", UPLOAD_AND_DIE, str(tmp_path), env={"PLACET_CRASH_AT": "blob.before_rename"}
    )
    assert await process.wait() == -signal.SIGKILL
    (left,) = files(tmp_path)
    assert left.parts[0] == "incoming"
    blobs = BlobFolder(tmp_path, 100)
    blobs.open()
    try:
        assert files(tmp_path) == []
    finally:
        blobs.close()


async def test_what_a_living_process_receives_is_not_swept(blobs: BlobFolder, tmp_path: Path) -> None:
    received = await blobs.receive(chunks(b"model"))
    other = BlobFolder(tmp_path, 100)
    other.open()
    other.close()
    await blobs.keep(received)
    assert await blobs.find(received.sha256) is not None
