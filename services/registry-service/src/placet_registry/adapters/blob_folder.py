"""A folder that keeps blobs under `ab/cd/<sha256>`.

Bytes are written to a temporary file, synced, then renamed: a crash leaves a temporary file, never half a blob.
"""

import asyncio
import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from placet_registry.ports import Kept, Received
from placet_shared.crash_points import passing
from placet_shared.errors import StorageFull, TooLarge

__all__ = ["BlobFolder"]

BUFFER_BYTES = 1024 * 1024
PROBE_BYTES = 64 * 1024
# The disk, a quota on it, or what this process may write at most.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class BlobFolder:
    """The blob store of one machine, or of several that share a file system."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._incoming = folder / "incoming"
        self._lock: int | None = None

    def open(self) -> None:
        """Make this process's own folder for incoming bytes, and remove those of dead processes."""
        arrivals = self._folder / "incoming"
        arrivals.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(arrivals):
            for left in arrivals.iterdir():
                _sweep(left)
            self._incoming = Path(tempfile.mkdtemp(dir=arrivals))
            self._lock = os.open(self._incoming, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def close(self) -> None:
        """Release the folder for incoming bytes."""
        if self._lock is not None:
            shutil.rmtree(self._incoming, ignore_errors=True)
            os.close(self._lock)
            self._lock = None

    async def receive(self, chunks: AsyncIterable[bytes], announced: int = 0) -> Received:
        """Write to a temporary file while counting and hashing; memory stays at one buffer."""
        self._refuse_too_large(announced)
        with _room_for_it():
            return await self._receive(chunks)

    async def _receive(self, chunks: AsyncIterable[bytes]) -> Received:
        descriptor, name = await asyncio.to_thread(tempfile.mkstemp, dir=self._incoming)
        path, digest, size, buffer = Path(name), hashlib.sha256(), 0, bytearray()
        try:
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                async for chunk in chunks:
                    size += len(chunk)
                    self._refuse_too_large(size)
                    buffer += chunk
                    if len(buffer) >= BUFFER_BYTES:
                        await asyncio.to_thread(_write, file, digest, bytes(buffer))
                        buffer.clear()
                await asyncio.to_thread(_write, file, digest, bytes(buffer))
                await asyncio.to_thread(os.fsync, file.fileno())
        except BaseException:
            os.unlink(path)
            raise
        return Received(digest.hexdigest(), size, path)

    async def keep(self, received: Received) -> None:
        """Rename into place; the folder is synced too, so that the name survives a power cut as the bytes do."""
        with _room_for_it():
            await asyncio.to_thread(self._keep, received)

    async def discard(self, received: Received) -> None:
        """Remove the temporary file if it is still there."""
        await asyncio.to_thread(received.path.unlink, missing_ok=True)

    async def missing(self) -> str | None:
        """Writes a little and removes it again, since the system's free space does not count quotas."""
        try:
            await asyncio.to_thread(_probe, self._incoming)
        except OSError as error:
            return f"Nothing can be written where blobs are kept: {error.strerror}."
        return None

    async def find(self, sha256: str) -> Kept | None:
        """Look whether the file is there."""
        path = self._place(sha256)
        try:
            return Kept(path, (await asyncio.to_thread(os.stat, path)).st_size)
        except FileNotFoundError:
            return None

    def _keep(self, received: Received) -> None:
        place = self._place(received.sha256)
        if place.exists():
            return
        passing("blob.before_rename")
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        received.path.rename(place)
        for folder in (place.parent, place.parent.parent, self._folder):
            _sync_folder(folder)

    def _place(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256[2:4] / sha256

    def _refuse_too_large(self, size: int) -> None:
        if size > self._limit:
            raise TooLarge(
                f"A blob may have {self._limit} bytes; this one has more.",
                code="blob_too_large",
                resolve="Keep it elsewhere and register it by reference (uri, sha256, size), or have the limit raised.",
                limit_bytes=self._limit,
            )


def _write(file: BinaryIO, digest: "hashlib._Hash", part: bytes) -> None:
    _write_all(file, part)
    digest.update(part)


def _write_all(file: BinaryIO, part: bytes) -> None:
    """An unbuffered file writes what there is room for, and fails only at the next byte."""
    left = memoryview(part)
    while left:
        left = left[file.write(left) :]


@contextmanager
def _room_for_it() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise StorageFull(
            "There is no room for this blob where blobs are kept.",
            resolve="Nothing was kept of it. Make room on the disk of registry-service's blob folder, then send it again.",
        ) from error


def _probe(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        _write_all(file, bytes(PROBE_BYTES))
        os.fsync(file.fileno())


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process at a time; the kernel releases the lock of a process that dies."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sweep(left: Path) -> None:
    """Remove the folder of a dead process; a live one holds the lock."""
    descriptor = os.open(left, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(left)
    except BlockingIOError:
        return
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
