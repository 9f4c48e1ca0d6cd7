"""Endpoints of blobs: bytes come and go as streams, never as a whole in memory."""

import base64
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse

from placet_registry.api.parameters import DigestPath
from placet_registry.api.parts import found, registry_of
from placet_registry.api.response_models import BlobAnswer
from placet_registry.commands.allowed_roles import REGISTRARS
from placet_registry.commands.store_blob import StoreBlob, StoredBlob, store_blob
from placet_registry.queries.blobs import blob_by_digest
from placet_shared.access import Actor
from placet_shared.errors import Unavailable
from placet_shared.event_store import Answer
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answer
from placet_shared.web.exchange import streamed_body
from placet_shared.web.problems import MEDIA_TYPE

__all__ = ["blobs"]

blobs = APIRouter(prefix="/v1/blobs", tags=["blobs"])

BYTES = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}
PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
STORED: dict[int | str, dict[str, Any]] = {
    200: {"model": BlobAnswer, "description": "It was here already"},
    507: {"description": "No room for it where blobs are kept", "content": PROBLEM},
}
SENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "The bytes; `ETag` is the digest, `Range` is understood"},
    206: {"content": {"application/octet-stream": {}}, "description": "The part that `Range` asked for"},
    304: {"description": "`If-None-Match` names it already"},
}


@blobs.put(
    "/{sha256}",
    status_code=201,
    response_model=BlobAnswer,
    responses=STORED,
    openapi_extra=BYTES,
    dependencies=[Depends(streamed_body)],
    summary="Upload a blob under its digest",
)
async def upload_blob(request: Request, actor: CurrentActor, sha256: DigestPath) -> Response:
    """For developers and admins. The digest is checked while the bytes arrive; 422 `digest_mismatch` names both digests."""
    return await _take_in(request, actor, sha256)


@blobs.post(
    "",
    status_code=201,
    response_model=BlobAnswer,
    responses=STORED,
    openapi_extra=BYTES,
    dependencies=[Depends(streamed_body)],
    summary="Upload a blob and learn its digest",
)
async def upload_blob_without_digest(request: Request, actor: CurrentActor) -> Response:
    """For developers and admins. There is no digest to check against: compare the one in the answer with your own."""
    return await _take_in(request, actor, None)


@blobs.get("/{sha256}", response_class=FileResponse, responses=SENT, summary="Download a blob")
async def download_blob(request: Request, actor: CurrentActor, sha256: DigestPath) -> Response:
    """The bytes, whose digest was checked at upload."""
    return await _send(request, sha256)


@blobs.head("/{sha256}", response_class=FileResponse, responses=SENT, summary="Is a blob here?", openapi_extra={"x-placet-command": False})
async def probe_blob(request: Request, actor: CurrentActor, sha256: DigestPath) -> Response:
    """The headers of a download: worth asking before a large upload."""
    return await _send(request, sha256)


async def _take_in(request: Request, actor: Actor, claimed: str | None) -> Response:
    """Receive, decide, keep; when the caller may not upload, nothing is read before the command refuses."""
    store = registry_of(request).blobs
    welcome = not actor.roles.isdisjoint(REGISTRARS)
    received = await store.receive(request.stream() if welcome else _nothing(), _announced(request) if welcome else 0)
    try:
        command = StoreBlob(received, claimed)
        return await run_command(request, store_blob, command, store, present=_stored, body=received.sha256.encode())
    finally:
        await store.discard(received)


def _stored(blob: StoredBlob) -> Answer:
    return answer(201 if blob.new else 200, blob, "/v1/blobs/{sha256}" if blob.new else None, without={"new"})


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield


async def _send(request: Request, sha256: str) -> Response:
    registry = registry_of(request)
    found(await blob_by_digest(registry.pool, sha256), "blob", sha256)
    tag = f'"{sha256}"'
    headers = {"ETag": tag, "Cache-Control": "private, immutable, max-age=31536000"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    kept = await registry.blobs.find(sha256)
    if kept is None:
        raise Unavailable(
            "This blob was stored, but its bytes are not where blobs are kept now.",
            code="blob_missing",
            resolve="Restore the blob folder from the backup that fits the database's, or upload the same bytes again.",
        )
    headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"  # RFC 9530
    return FileResponse(kept.path, headers=headers, media_type="application/octet-stream", filename=sha256)


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0
