"""Blobs over HTTP: streamed both ways, checked, kept once."""

import asyncio
import os
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from placet_shared.testing import eventually

from .conftest import Registry

pytestmark = pytest.mark.postgres

LIMIT = 3 * 1024 * 1024
CONTENT = os.urandom(2 * 1024 * 1024 + 17)
DIGEST = sha256(CONTENT).hexdigest()


def kept(registry: Registry) -> list[Path]:
    return [path for path in registry.settings.blob_folder.rglob("*") if path.is_file()]


async def test_blob_comes_back_byte_for_byte(registry: Registry) -> None:
    answer = await registry.alice.put(f"/v1/blobs/{DIGEST}", content=CONTENT)
    assert (answer.status_code, answer.json()) == (201, {"sha256": DIGEST, "size": len(CONTENT)})
    assert answer.headers["location"] == f"/v1/blobs/{DIGEST}"
    read = await registry.erin.get(f"/v1/blobs/{DIGEST}")
    assert read.content == CONTENT
    assert read.headers["etag"] == f'"{DIGEST}"'
    assert read.headers["content-type"] == "application/octet-stream"
    assert read.headers["content-disposition"].startswith("attachment")
    assert kept(registry) == [registry.settings.blob_folder / DIGEST[:2] / DIGEST[2:4] / DIGEST]


async def test_blob_in_pieces_of_unknown_length_is_taken(registry: Registry) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(CONTENT), 100_000):
            yield CONTENT[start : start + 100_000]

    assert (await registry.alice.put(f"/v1/blobs/{DIGEST}", content=pieces())).status_code == 201


async def test_blob_without_bytes_is_a_blob(registry: Registry) -> None:
    digest = await registry.a_blob(b"")
    assert (await registry.alice.get(f"/v1/blobs/{digest}")).content == b""


async def test_blob_whose_digest_is_not_known_is_told_its_digest(registry: Registry) -> None:
    answer = await registry.alice.post("/v1/blobs", content=CONTENT)
    assert (answer.status_code, answer.json()["sha256"]) == (201, DIGEST)
    assert (await registry.alice.post("/v1/blobs", content=CONTENT)).status_code == 200


async def test_blob_that_is_here_is_not_written_again(registry: Registry) -> None:
    await registry.alice.put(f"/v1/blobs/{DIGEST}", content=CONTENT)
    (file,) = kept(registry)
    before = file.stat()
    answer = await registry.alice.put(f"/v1/blobs/{DIGEST.upper()}", content=CONTENT)
    assert (answer.status_code, answer.json()["sha256"]) == (200, DIGEST)
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert len(await registry.events("BlobStored")) == 1


async def test_blob_uploaded_many_times_at_once_is_kept_once(registry: Registry) -> None:
    answers = await asyncio.gather(*(registry.alice.put(f"/v1/blobs/{DIGEST}", content=CONTENT) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len(kept(registry)) == 1
    assert len(await registry.events("BlobStored")) == 1


async def test_blob_with_other_bytes_than_announced_is_refused_with_both_digests(registry: Registry) -> None:
    claimed = "ab" * 32
    answer = await registry.alice.put(f"/v1/blobs/{claimed}", content=CONTENT)
    assert (answer.status_code, answer.json()["code"]) == (422, "digest_mismatch")
    assert answer.json()["facts"] == {"claimed": claimed, "received": DIGEST}
    assert kept(registry) == []
    (refusal,) = await registry.events()
    assert (refusal["type"], refusal["subject"]) == ("ActionRefused", claimed)


async def test_blob_with_other_bytes_under_a_digest_that_is_here_is_refused(registry: Registry) -> None:
    await registry.a_blob(b"right")
    answer = await registry.alice.put(f"/v1/blobs/{sha256(b'right').hexdigest()}", content=b"wrong")
    assert answer.status_code == 422


async def test_blob_above_the_limit_is_refused_before_and_while_it_comes(registry: Registry) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"x" * (LIMIT // 4)

    announced = await registry.alice.post("/v1/blobs", content=b"x" * (LIMIT + 1))
    streamed = await registry.alice.post("/v1/blobs", content=endless())
    for answer in (announced, streamed):
        assert (answer.status_code, answer.json()["code"]) == (413, "blob_too_large")
        assert answer.json()["facts"]["limit_bytes"] == LIMIT
    assert kept(registry) == []
    assert (await registry.alice.post("/v1/blobs", content=b"x" * LIMIT)).status_code == 201


async def test_upload_that_is_cut_off_leaves_nothing(registry: Registry) -> None:
    address = urlsplit(registry.url)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    head = f"PUT /v1/blobs/{DIGEST} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {registry.approval.tokens['alice']}\r\n"
    writer.write(f"{head}Content-Length: {len(CONTENT)}\r\n\r\n".encode() + CONTENT[:1_500_000])
    await writer.drain()
    await eventually(lambda: bool(kept(registry)))
    writer.transport.abort()
    await eventually(lambda: not kept(registry))
    assert await registry.events() == []
    assert (await registry.alice.put(f"/v1/blobs/{DIGEST}", content=CONTENT)).status_code == 201


async def test_upload_without_the_role_is_refused_and_recorded(registry: Registry) -> None:
    answer = await registry.erin.put(f"/v1/blobs/{sha256(b'x').hexdigest()}", content=b"x")
    assert (answer.status_code, answer.json()["code"]) == (403, "role_required")
    assert [event["type"] for event in await registry.events()] == ["ActionRefused"]
    assert kept(registry) == []


async def test_upload_repeated_with_its_key_has_one_answer(registry: Registry) -> None:
    headers = {"Idempotency-Key": "k"}
    first = await registry.alice.put(f"/v1/blobs/{DIGEST}", content=CONTENT, headers=headers)
    again = await registry.alice.put(f"/v1/blobs/{DIGEST}", content=CONTENT, headers=headers)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())


async def test_blob_that_was_never_stored_is_not_found(registry: Registry) -> None:
    answer = await registry.alice.get(f"/v1/blobs/{DIGEST}")
    assert (answer.status_code, answer.json()["code"]) == (404, "blob_not_found")
    assert (await registry.alice.head(f"/v1/blobs/{DIGEST}")).status_code == 404
    assert (await registry.alice.get("/v1/blobs/abc")).status_code == 422


async def test_blob_is_probed_and_read_in_part(registry: Registry) -> None:
    await registry.alice.put(f"/v1/blobs/{DIGEST}", content=CONTENT)
    probe = await registry.erin.head(f"/v1/blobs/{DIGEST}")
    assert (probe.status_code, probe.content, probe.headers["content-length"]) == (200, b"", str(len(CONTENT)))
    part = await registry.erin.get(f"/v1/blobs/{DIGEST}", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, CONTENT[10:20])
    known = await registry.erin.get(f"/v1/blobs/{DIGEST}", headers={"If-None-Match": f'"{DIGEST}"'})
    assert (known.status_code, known.content) == (304, b"")


async def test_blob_whose_file_was_lost_is_unavailable_until_it_is_uploaded_again(registry: Registry) -> None:
    await registry.alice.put(f"/v1/blobs/{DIGEST}", content=CONTENT)
    kept(registry)[0].unlink()
    lost = await registry.alice.get(f"/v1/blobs/{DIGEST}")
    assert (lost.status_code, lost.json()["code"]) == (503, "blob_missing")
    assert (await registry.alice.put(f"/v1/blobs/{DIGEST}", content=CONTENT)).status_code == 200
    assert (await registry.alice.get(f"/v1/blobs/{DIGEST}")).content == CONTENT


async def test_blob_kept_by_a_process_that_died_before_its_event_is_completed_by_the_next_upload(registry: Registry) -> None:
    place = registry.settings.blob_folder / DIGEST[:2] / DIGEST[2:4] / DIGEST
    place.parent.mkdir(parents=True)
    place.write_bytes(CONTENT)
    assert (await registry.alice.get(f"/v1/blobs/{DIGEST}")).status_code == 404
    assert (await registry.alice.put(f"/v1/blobs/{DIGEST}", content=CONTENT)).status_code == 201
    assert (await registry.alice.get(f"/v1/blobs/{DIGEST}")).content == CONTENT
