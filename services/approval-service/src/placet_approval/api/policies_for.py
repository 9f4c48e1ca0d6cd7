"""Which policy is in force for a version, and why."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from placet_approval.api.rendering import rendered
from placet_approval.domain.policies_in_force import Because
from placet_approval.domain.written_policy import TakesEffect
from placet_approval.queries.policies_for import PoliciesFor, policies_for
from placet_shared.errors import NotFound
from placet_shared.service.identity import CurrentActor
from placet_shared.service.running import service_of
from placet_shared.web.json_responses import json_response

__all__ = ["router"]

router = APIRouter(prefix="/v1/policies", tags=["policies"])


class ChosenPolicyView(BaseModel):
    """A version of a policy, and by which entry of its `for` it is for the model."""

    policy_id: str = Field(description="The same for all versions of a policy.")
    name: str | None = Field(description="Null for the environment's own.", examples=["credit"])
    kind: Literal["policy", "floor"] = Field(description="A floor raises policies, and is none by itself.")
    version: int = Field(description="Counts from 1.", examples=[3])
    sha256: str = Field(description="SHA-256 of its content; a sign-off is bound to it.")
    takes_effect: TakesEffect = Field(description="For what this version counts: requests from then on, renewals, or all at once.")
    entry: str = Field(description="The entry that fits the model.", examples=["tag governance/risk=high"])


class TermChangeView(BaseModel):
    """A term that is raised; null where it has its default."""

    field: str = Field(description="A member of the content.", examples=["expires_after_seconds"])
    old: Any = Field(description="What the policies before it ask for.")
    new: Any = Field(description="What is asked for with it.")


class RaisingPolicyView(BaseModel):
    """A policy that raises what the model's own asks for."""

    policy: ChosenPolicyView = Field(description="Which version of it.")
    because: Because = Field(
        description="`floor`; `as_specific` as the policy itself; or `same_bytes`: it is in force for a model that had these bytes before."
    )
    model_id: str | None = Field(description="The model that it is in force for; null where there are too many models with these bytes.")
    changes: list[TermChangeView] = Field(description="What it raises; empty where the policies before it ask for as much.")


class PoliciesForView(BaseModel):
    """What a sign-off that is requested now would be bound to."""

    environment: str = Field(description="The environment's name.", examples=["prod"])
    model_id: str = Field(description="The version's model.")
    version_id: str = Field(description="The version.")
    number: int = Field(description="Its number.", examples=[3])
    policy: ChosenPolicyView = Field(description="The most specific one that is for the model.")
    raised_by: list[RaisingPolicyView] = Field(description="What raises it, in this order.")
    otherwise: list[ChosenPolicyView] = Field(description="What would be in force without it, the most specific first.")
    content: dict[str, Any] = Field(description="The terms that follow, normalised.")


@router.get("/for", summary="Find the policy for a version", response_model=PoliciesForView)
async def get_policies_for(
    request: Request,
    actor: CurrentActor,
    model: Annotated[str, Query(max_length=200, description="The model, by id or name.", examples=["credit-default"])],
    number: Annotated[int, Query(ge=1, le=2**31 - 1, description="The version's number.", examples=[3])],
    environment: Annotated[str, Query(max_length=63, description="The environment that it is to go to.", examples=["prod"])],
) -> Response:
    """Which policy is in force for a version, by which entry, which others raise it and in what, and which would be in force without it.

    A sign-off that exists already goes on under the policy that it is bound to.
    """
    found = await policies_for(service_of(request).pool, model, number, environment)
    if found is None:
        raise NotFound(f"There is no version {number} of {model}.", code="version_not_found", resolve="`placet versions list MODEL`")
    if not isinstance(found, PoliciesFor):
        raise NotFound(
            f"No policy of {environment!r} is for this model.", code="policy_not_found", resolve="See GET /v1/policies for those there are."
        )
    return json_response(rendered(found))
