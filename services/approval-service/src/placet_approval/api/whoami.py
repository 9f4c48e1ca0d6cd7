"""`/v1/whoami`: whose token this is, for people who have several and for programs that greet them."""

from fastapi import APIRouter, Request, Response

from placet_approval.queries.whoami import Identity, read_identity
from placet_shared.service.identity import CurrentActor
from placet_shared.service.services import services_of
from placet_shared.web.answers import json_response

__all__ = ["router"]

router = APIRouter(prefix="/v1/whoami", tags=["people"])


@router.get("", summary="Who am I?", response_model=Identity)
async def get_whoami(request: Request, actor: CurrentActor) -> Response:
    """The holder of the token that came with the request."""
    return json_response(await read_identity(services_of(request).store.pool, actor))
