"""Bytes by digest from a registry over HTTP, through the cache."""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from placet_shared.errors import NotFound, Unavailable
from placet_verification.adapters.blob_cache import ABANDONED_SECONDS, BlobCache
from placet_verification.adapters.registry_over_http import RegistryOverHttp

from . import builders
from .conftest import Neighbourhood
from .neighbours_over_http import neighbours_served

RAW = b"some bytes" * 1000


class Source:
    """Counts, and may lie."""

    def __init__(self, *blobs: bytes) -> None:
        self.blobs = {builders.sha256(raw): raw for raw in blobs}
        self.asked = 0

    @asynccontextmanager
    async def blob(self, sha256: str) -> AsyncIterator[AsyncIterator[bytes]]:
        self.asked += 1

        async def chunks() -> AsyncIterator[bytes]:
            yield self.blobs[sha256]

        yield chunks()


async def test_a_blob_is_fetched_once(tmp_path: Path) -> None:
    source = Source(RAW)
    cache = BlobCache(tmp_path / "cache", 10**6, source)
    for _ in range(2):
        assert (await cache.fetch(builders.sha256(RAW))).read_bytes() == RAW
    assert source.asked == 1


async def test_bytes_with_another_digest_are_never_kept(tmp_path: Path) -> None:
    source = Source(RAW)
    source.blobs[builders.sha256(RAW)] = b"other bytes"
    with pytest.raises(Unavailable) as caught:
        await BlobCache(tmp_path, 10**6, source).fetch(builders.sha256(RAW))
    assert caught.value.code == "blob_corrupt"
    assert os.listdir(tmp_path) == []


async def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    blobs = [bytes([number]) * 100 for number in range(4)]
    cache = BlobCache(tmp_path, 250, Source(*blobs))
    for raw in blobs:
        await cache.fetch(builders.sha256(raw))
    assert set(os.listdir(tmp_path)) == {builders.sha256(raw) for raw in blobs[2:]}


async def test_what_a_killed_worker_left_behind_goes_and_what_still_arrives_stays(tmp_path: Path) -> None:
    for name, seconds in (("arriving-left", 2 * ABANDONED_SECONDS), ("arriving-now", 0)):
        (tmp_path / name).write_bytes(RAW)
        os.utime(tmp_path / name, (time.time() - seconds,) * 2)
    await BlobCache(tmp_path, 10**6, Source(RAW)).fetch(builders.sha256(RAW))
    assert set(os.listdir(tmp_path)) == {"arriving-now", builders.sha256(RAW)}


async def test_the_registry_is_asked_over_http() -> None:
    around = Neighbourhood()
    around.register("version-1", RAW, signature={"inputs": [], "outputs": []})
    around.register("version-2", RAW, kept=False)
    around.add_dataset("rows", RAW)
    for number in range(2, 6):
        around.introduce(f"model-{number}", f"wine-{9 - number}", governance__risk="high")
    async with neighbours_served(around) as address, httpx.AsyncClient() as client:
        registry = RegistryOverHttp(client, address, "placet_token")
        assert await registry.version("version-1") == around.versions["version-1"]
        assert await registry.version("version-2") == around.versions["version-2"]
        assert await registry.version("version-3") is None
        assert await registry.model("model-1") == around.known_models["model-1"]
        assert await registry.model("model-9") is None
        assert await registry.dataset("rows") == around.datasets["rows"]
        assert await registry.dataset("nothing") is None
        assert [model async for model in registry.models()] == sorted(around.known_models.values(), key=lambda model: model.selectable.name)
        async with registry.blob(builders.sha256(RAW)) as chunks:
            assert b"".join([chunk async for chunk in chunks]) == RAW
        with pytest.raises(NotFound):
            async with registry.blob(builders.SHA):
                raise AssertionError("there is no such blob")


async def test_a_registry_that_is_away_is_unavailable_and_not_without_the_version() -> None:
    async with httpx.AsyncClient() as client:
        registry = RegistryOverHttp(client, "http://127.0.0.1:9", "placet_token")
        with pytest.raises(Unavailable) as caught:
            await registry.version("version-1")
        assert caught.value.code == "registry_unavailable"
