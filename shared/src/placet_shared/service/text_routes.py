"""`/v1/texts`: a free text is erased where it was written; its event keeps the commitment, and copies elsewhere follow the event."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field, StringConstraints

from placet_shared.access import Roles, allowed
from placet_shared.event_store.erasing import EraseText, erase_text
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor

__all__ = ["TEXTS_TAG", "TextId", "router"]

TEXTS_TAG = {"name": "texts", "description": "Free texts beside this service's events, and their erasure."}

TextId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", max_length=36)]
router = APIRouter(prefix="/v1/texts", tags=["texts"])
erase = allowed(Roles.ADMIN)(erase_text)


class Erased(BaseModel):
    """The text that is erased."""

    text_id: str = Field(description="The id that stands in the event's commitment.")
    subject: str = Field(description="What the text was about.")


@router.post("/{text_id}/erase", summary="Erase a text", response_model=Erased)
async def post_erase(
    request: Request, actor: CurrentActor, text_id: Annotated[TextId, Path(description="The `id` of the commitment in the event.")]
) -> Response:
    """Removes the text and its salt, for ever; the event and its commitment stay. For admins; recorded as `TextErased`.

    Services that keep a copy remove it when they read that event, and do not take a copy that arrives later. A repeated request changes
    nothing. 404 `text_not_found`.
    """
    return await run_command(request, erase, EraseText(text_id))
