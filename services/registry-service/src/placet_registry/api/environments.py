"""Endpoints of environments."""

from fastapi import APIRouter, Request, Response

from placet_registry.api.bodies import EnvironmentBody
from placet_registry.api.parts import registry_of
from placet_registry.api.response_models import EnvironmentRegistered, Environments
from placet_registry.commands.define_environment import define_environment
from placet_registry.queries.environments import all_environments
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.service.presenting import answering
from placet_shared.web.json_responses import json_response

__all__ = ["environments"]

environments = APIRouter(prefix="/v1/environments", tags=["environments"])


@environments.get("", response_model=Environments, summary="All environments in their order")
async def list_environments(request: Request, actor: CurrentActor) -> Response:
    """In order, from the first to the last."""
    return json_response({"items": await all_environments(registry_of(request).pool)})


@environments.post("", status_code=201, response_model=EnvironmentRegistered, summary="Define an environment")
async def define_an_environment(request: Request, actor: CurrentActor, body: EnvironmentBody) -> Response:
    """For admins. An environment keeps its name and its place for ever."""
    return await run_command(request, define_environment, body.command(), present=answering(201, "/v1/environments"))
