"""Endpoints of versions."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from placet_registry.api.parameters import DigestPath, DigestQuery, EnvironmentQuery, FormatQuery, ModelId, VersionId
from placet_registry.api.parts import found, registry_of
from placet_registry.api.response_models import LineageAnswer, VersionAnswer, VersionRegistered
from placet_registry.api.version_bodies import AddedLineageBody, VersionBody
from placet_registry.commands.add_lineage import add_lineage
from placet_registry.commands.known_people import AskedOnce
from placet_registry.commands.register_version import register_version
from placet_registry.queries.models import model_by_id
from placet_registry.queries.versions import VersionSearch, search_versions, version_by_id, version_by_number
from placet_shared.identifiers import new_id
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answering
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, PageRequest, cut

__all__ = ["versions"]

versions = APIRouter(prefix="/v1", tags=["versions"])


@versions.post("/models/{model_id}/versions", status_code=201, response_model=VersionRegistered, summary="Register a version")
async def register_a_version(request: Request, actor: CurrentActor, model_id: ModelId, body: VersionBody) -> Response:
    """For developers and admins. Upload the artifact first, or give `uri` and `size` for bytes that are kept elsewhere.

    422 `artifact_not_uploaded`, `person_unknown` (a person in `trained_by` or `prepared_by` is not known, and so could not be
    excluded from approving), `version_facts_too_large`.
    """
    command, people = body.command(new_id(), model_id), AskedOnce(registry_of(request).people)
    return await run_command(request, register_version, command, people, present=answering(201, "/v1/versions/{id}"))


@versions.post("/versions/{version_id}/lineage", response_model=LineageAnswer, summary="Add to a version's lineage")
async def add_to_lineage(request: Request, actor: CurrentActor, version_id: VersionId, body: AddedLineageBody) -> Response:
    """For developers and admins: add people who trained the version or prepared its data, and the data. It only adds, and is your claim.

    These people can't sign any version with the same bytes from then on; an approval that they have signed is suspended until an admin
    has looked at the claim. A verification of the same bytes on data that are named as training data now, also one from before, is not
    on held-out data: sign-offs show that, and a policy with `held_out: required` says no. 422 `person_unknown`.
    """
    command, people = body.command(version_id), AskedOnce(registry_of(request).people)
    return await run_command(request, add_lineage, command, people, present=answering(200, "/v1/versions/{id}"))


@versions.get("/models/{model_id}/versions", response_model=Page[VersionAnswer], summary="The versions of a model")
async def list_versions_of_model(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    model_id: ModelId,
    format: FormatQuery = None,
    environment: EnvironmentQuery = None,
) -> Response:
    """The newest first."""
    found(await model_by_id(registry_of(request).pool, model_id), "model", model_id)
    return await _page(request, page, VersionSearch(model_id=model_id, format=format, environment=environment))


@versions.get("/models/{model_id}/versions/{number}", response_model=VersionAnswer, summary="A version by its number")
async def read_version_by_number(
    request: Request,
    actor: CurrentActor,
    model_id: ModelId,
    number: Annotated[int, Path(ge=1, lt=2**31, description="Of the version, from 1.")],
) -> Response:
    """Numbers have no gaps and are never used again."""
    version = found(await version_by_number(registry_of(request).pool, model_id, number), "version", f"{number} of model {model_id}")
    return json_response(version)


@versions.get("/versions", response_model=Page[VersionAnswer], summary="Search versions")
async def list_versions(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    sha256: DigestQuery = None,
    format: FormatQuery = None,
    environment: EnvironmentQuery = None,
) -> Response:
    """Of all models, the newest first; restrictions add up."""
    return await _page(request, page, VersionSearch(sha256=sha256, format=format, environment=environment))


@versions.get("/versions/{version_id}", response_model=VersionAnswer, summary="A version")
async def read_version(request: Request, actor: CurrentActor, version_id: VersionId) -> Response:
    """Its facts never change; `deployed_in` does, and its lineage can grow."""
    version = found(await version_by_id(registry_of(request).pool, version_id), "version", version_id)
    return json_response(version)


@versions.get("/artifacts/{sha256}/versions", response_model=Page[VersionAnswer], summary="Which versions have this artifact?")
async def list_versions_of_artifact(request: Request, actor: CurrentActor, page: PageQuery, sha256: DigestPath) -> Response:
    """All of them, of every model, the newest first. An artifact without a registered version has an empty list."""
    return await _page(request, page, VersionSearch(sha256=sha256))


async def _page(request: Request, page: PageRequest, search: VersionSearch) -> Response:
    before = page.after("versions", int)
    rows = await search_versions(registry_of(request).pool, search, before[0] if before else None, page.limit + 1)
    return json_response(cut(rows, page, "versions", key=lambda row: (row[0],), item=lambda row: row[1]))
