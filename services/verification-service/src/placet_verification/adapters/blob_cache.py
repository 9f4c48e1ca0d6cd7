"""A cache of blobs on this machine: fetched once, checked at each use, evicted by last use when there are too many."""

import asyncio
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import IO, Protocol

from placet_shared.errors import Unavailable

__all__ = ["ABANDONED_SECONDS", "BlobCache", "BlobSource"]

ARRIVING = "arriving-"
ABANDONED_SECONDS = 3600
"""Bytes that still arrive are written to more often."""


class BlobSource(Protocol):
    """The source of the bytes."""

    def blob(self, sha256: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The bytes as they come."""
        ...


class BlobCache:
    """A folder that several workers may share: a file appears whole under its digest, or not at all."""

    def __init__(self, folder: Path, limit_bytes: int, source: BlobSource) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._source = source

    async def fetch(self, sha256: str) -> Path:
        """A file whose bytes have this digest now; raises `NotFound`, `Unavailable`."""
        path = self._folder / sha256
        if await asyncio.to_thread(_holds, path, sha256):
            return path
        file = self._place()  # not in a thread, since a fetch that is cancelled while one opens it would lose it
        arriving = Path(file.name)
        try:
            with file:
                await self._bring(sha256, file)
            await asyncio.to_thread(arriving.replace, path)
        finally:
            await asyncio.to_thread(arriving.unlink, missing_ok=True)
        await asyncio.to_thread(_trim, self._folder, self._limit, path)
        return path

    def _place(self) -> IO[bytes]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.NamedTemporaryFile(dir=self._folder, prefix=ARRIVING, delete=False)

    async def _bring(self, sha256: str, file: IO[bytes]) -> None:
        digest = hashlib.sha256()
        async with self._source.blob(sha256) as chunks:
            async for chunk in chunks:
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
        if digest.hexdigest() != sha256:
            raise Unavailable(f"The bytes that came for {sha256} have SHA-256 {digest.hexdigest()}.", code="blob_corrupt")


def _holds(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as file:
            same = hashlib.file_digest(file, "sha256").hexdigest() == sha256
        if same:
            os.utime(path)
    except FileNotFoundError:
        return False
    return same


def _trim(folder: Path, limit: int, spared: Path) -> None:
    """What was not used for longest, and what a worker that was killed had not brought to its end."""
    found: list[tuple[os.stat_result, Path]] = []
    for entry in os.scandir(folder):
        with suppress(FileNotFoundError):  # another worker was faster
            status, path = entry.stat(), Path(entry.path)
            if entry.is_file() and len(entry.name) == 64:
                found.append((status, path))
            elif entry.name.startswith(ARRIVING) and status.st_mtime < time.time() - ABANDONED_SECONDS:
                path.unlink()
    total = sum(status.st_size for status, _ in found)
    for status, path in sorted(found, key=lambda one: one[0].st_mtime):
        if total <= limit:
            break
        if path != spared:
            path.unlink(missing_ok=True)
            total -= status.st_size
