"""Endpoints of models."""

from fastapi import APIRouter, Request, Response

from placet_registry.api.bodies import DescriptionBody, ModelBody, QualificationBody, TagBody
from placet_registry.api.parameters import DigestQuery, EnvironmentQuery, FormatQuery, ModelId, ModelName, NamePart, TagKey, TagQuery
from placet_registry.api.parts import found, registry_of
from placet_registry.api.response_models import Identified, ModelAnswer, ModelRegistered, Qualified, Tagged
from placet_registry.commands.describe_model import describe_model
from placet_registry.commands.qualify_model import qualify_model
from placet_registry.commands.register_model import register_model
from placet_registry.commands.tag_model import tag_model
from placet_registry.commands.untag_model import UntagModel, untag_model
from placet_registry.domain.words import model_name
from placet_registry.queries.models import ModelSearch, model_by_id, model_by_name, search_models
from placet_shared.identifiers import new_id
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answering
from placet_shared.web.conditional import conditional_response
from placet_shared.web.json_responses import json_response
from placet_shared.web.pages import Page, PageQuery, cut

__all__ = ["models"]

models = APIRouter(prefix="/v1/models", tags=["models"])


@models.post("", status_code=201, response_model=ModelRegistered, summary="Register a model")
async def register_a_model(request: Request, actor: CurrentActor, body: ModelBody) -> Response:
    """For developers and admins. 409 `model_name_taken` names the model that has the name.

    Only an admin may give it tags whose keys begin with `governance/`: 403 `tag_reserved`.
    """
    return await run_command(request, register_model, body.command(new_id()), present=answering(201, "/v1/models/{id}"))


@models.get("", response_model=Page[ModelAnswer], summary="Search models")
async def list_models(
    request: Request,
    actor: CurrentActor,
    page: PageQuery,
    name: NamePart = None,
    tag: TagQuery = None,
    sha256: DigestQuery = None,
    format: FormatQuery = None,
    environment: EnvironmentQuery = None,
) -> Response:
    """By name, in pages; restrictions add up. `sha256` and `format` fit one version of the model."""
    with_value = dict(one.split("=", 1) for one in tag or () if "=" in one)
    with_key = [one for one in tag or () if "=" not in one]
    search = ModelSearch(name, with_value, with_key, sha256, format, environment)
    after = page.after("models", str)
    rows = await search_models(registry_of(request).pool, search, after[0] if after else None, page.limit + 1)
    return json_response(cut(rows, page, "models", key=lambda row: (row.name,)))


@models.get("/by-name/{name}", response_model=ModelAnswer, summary="A model by its name")
async def read_model_by_name(request: Request, actor: CurrentActor, name: ModelName) -> Response:
    """Letter case matters."""
    model = found(await model_by_name(registry_of(request).pool, model_name(name)), "model", name)
    return conditional_response(request, model, model.revision)


@models.get("/{model_id}", response_model=ModelAnswer, summary="A model")
async def read_model(request: Request, actor: CurrentActor, model_id: ModelId) -> Response:
    """With its description, unless that was erased."""
    model = found(await model_by_id(registry_of(request).pool, model_id), "model", model_id)
    return conditional_response(request, model, model.revision)


@models.put("/{model_id}/description", response_model=Identified, summary="Describe a model")
async def describe_a_model(request: Request, actor: CurrentActor, model_id: ModelId, body: DescriptionBody) -> Response:
    """For developers and admins; the events keep that it was changed, by whom and when, and a commitment to each text."""
    return await run_command(request, describe_model, body.command(model_id))


@models.put("/{model_id}/tags/{key:path}", response_model=Tagged, summary="Set a tag")
async def tag_a_model(request: Request, actor: CurrentActor, model_id: ModelId, key: TagKey, body: TagBody) -> Response:
    """For developers and admins. Key and value are identifiers: they stand in events for ever.

    A key that begins with `governance/` is for admins: verification plans select models by such tags. 403 `tag_reserved`.
    """
    return await run_command(request, tag_model, body.command(model_id, key))


@models.post("/{model_id}/qualify", response_model=Qualified, summary="Qualify a model")
async def qualify_a_model(request: Request, actor: CurrentActor, model_id: ModelId, body: QualificationBody) -> Response:
    """Judge its value, risk, feasibility and risk tier, with the reason. For admins: 403 `tag_reserved`.

    They are its tags `governance/value`, `governance/risk`, `governance/feasibility` and `governance/risk-tier`, by which plans select
    models. Events keep how it was judged, when, by whom and why; the same once more is kept too.
    """
    return await run_command(request, qualify_model, body.command(model_id))


@models.delete("/{model_id}/tags/{key:path}", response_model=Tagged, summary="Take a tag away")
async def untag_a_model(request: Request, actor: CurrentActor, model_id: ModelId, key: TagKey) -> Response:
    """For developers and admins; a key that begins with `governance/` is for admins: 403 `tag_reserved`."""
    return await run_command(request, untag_model, UntagModel(model_id, key))
