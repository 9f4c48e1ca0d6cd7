"""An upload that does not go on is ended, and nothing of it stays."""

import asyncio
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import pytest

from placet_shared.testing import eventually
from placet_shared.web.limits import Limits

from .conftest import Registry

pytestmark = pytest.mark.postgres


def arriving(registry: Registry) -> int:
    """Files that are not complete yet."""
    return sum(path.is_file() for path in (registry.settings.blob_folder / "incoming").rglob("*"))


async def half_an_upload(registry: Registry) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection over which a blob has begun to come."""
    address = urlsplit(registry.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    token = next(token for token, actor in registry.approval.actors.items() if "developer" in actor.roles)
    head = f"PUT /v1/blobs/{sha256(b'x').hexdigest()} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 1000\r\n\r\n"
    writer.write(head.encode() + b"x" * 500)
    await eventually(lambda: arriving(registry) == 1)
    return reader, writer


async def test_upload_that_stops_is_408_and_its_file_is_removed(serve_again: Callable[..., Any]) -> None:
    async with serve_again(Limits(body_seconds=0.5)) as registry:
        reader, writer = await half_an_upload(registry)
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
        await eventually(lambda: arriving(registry) == 0)
        writer.close()


async def test_upload_whose_connection_ends_leaves_no_file(registry: Registry) -> None:
    _, writer = await half_an_upload(registry)
    writer.close()
    await eventually(lambda: arriving(registry) == 0)
