"""The stand-ins of approval-service and registry-service behind a real port, for a worker that is a process of its own."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from placet_shared.testing import served
from placet_shared.tokens import token_hash
from placet_verification.ports import RegisteredModel, RegisteredVersion

from .conftest import Neighbourhood


@asynccontextmanager
async def neighbours_served(around: Neighbourhood) -> AsyncIterator[str]:
    """The address at which both answer."""
    app = Starlette(
        routes=[
            Route("/v1/tokens/introspect", _introspect, methods=["POST"]),
            Route("/v1/versions/{version_id}", _version),
            Route("/v1/artifacts/{sha256}/versions", _versions),
            Route("/v1/models", _models),
            Route("/v1/models/{model_id}", _model),
            Route("/v1/datasets/{name}/latest", _dataset),
            Route("/v1/deployments", _deployments),
            Route("/v1/environments", _environments),
            Route("/v1/blobs/{sha256}", _blob),
        ]
    )
    app.state.around = around
    async with served(app) as server:
        yield server.url


def _around(request: Request) -> Neighbourhood:
    around: Neighbourhood = request.app.state.around
    return around


async def _introspect(request: Request) -> Response:
    asked = (await request.json())["token_sha256"]
    for token, actor in _around(request).actors.items():
        if token_hash(token) == asked:
            holder: dict[str, Any] = {"id": actor.id, "kind": actor.kind, "roles": sorted(actor.roles)}
            return JSONResponse({"active": True, "actor": holder, "token_id": actor.token_id, "expires_at": None})
    return JSONResponse({"active": False})


async def _version(request: Request) -> Response:
    found = _around(request).versions.get(request.path_params["version_id"])
    if found is None or not request.headers["authorization"].startswith("Bearer placet_"):
        return JSONResponse({"code": "version_not_found"}, 404)
    return JSONResponse(_as_registered(found))


def _as_registered(found: RegisteredVersion) -> dict[str, Any]:
    artifact = {"sha256": found.artifact_sha256, "size": 1, "uri": None if found.kept else "s3://bucket/key"}
    data = [{"role": "train", "sha256": sha256} for sha256 in found.training_data]
    more = {"number": 1, "model_name": "credit", "format": found.format, "signature": found.signature, "lineage": {"data": data}}
    when = {"registered_at": found.registered_at.isoformat()}
    return {"id": found.version_id, "model_id": found.model_id, "artifact": artifact, **more, **when}


async def _versions(request: Request) -> Response:
    found = [_as_registered(version) async for version in _around(request).versions_with(request.path_params["sha256"])]
    return JSONResponse({"items": found, "next_cursor": None})


async def _models(request: Request) -> Response:
    """Two a page, whatever was asked for."""
    known = [model async for model in _around(request).models(request.query_params.get("sha256"))]
    start = int(request.query_params.get("cursor", "0"))
    page, rest = known[start : start + 2], known[start + 2 :]
    return JSONResponse({"items": [_plain(model) for model in page], "next_cursor": str(start + 2) if rest else None})


async def _model(request: Request) -> Response:
    found = await _around(request).model(request.path_params["model_id"])
    return JSONResponse({"code": "model_not_found"}, 404) if found is None else JSONResponse(_plain(found))


def _plain(model: RegisteredModel) -> dict[str, Any]:
    what = model.selectable
    more = {"latest_number": model.latest_number or None, "description": None, "revision": 1}
    return {"id": what.model_id, "name": what.name, "tags": dict(what.tags), **more}


async def _dataset(request: Request) -> Response:
    found = await _around(request).dataset(request.path_params["name"])
    if found is None:
        return JSONResponse({"code": "dataset_not_found"}, 404)
    return JSONResponse({"id": "dataset-1", "name": found.name, "number": found.number, "sha256": found.sha256, "format": found.format})


async def _environments(request: Request) -> Response:
    return JSONResponse({"items": [{"name": name, "after": None} for name in sorted(await _around(request).environments())]})


async def _deployments(request: Request) -> Response:
    found = await _around(request).deployed(request.query_params["model_id"], request.query_params["environment"])
    return JSONResponse({"items": [{"version_id": found.version_id, "sha256": found.artifact_sha256}] if found else []})


async def _blob(request: Request) -> Response:
    sha256 = request.path_params["sha256"]
    raw = _around(request).blobs.get(sha256)
    if raw is None:
        return JSONResponse({"code": "blob_not_found"}, 404)
    return Response(raw, headers={"Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"})
