"""Set a model's tag."""

from dataclasses import dataclass

from placet_registry.domain.models import Model
from placet_shared.event_store import Answer, UnitOfWork

__all__ = ["TagModel", "tag_model"]


@dataclass(frozen=True, slots=True)
class TagModel:
    """Key and value are identifiers, no free text."""

    model_id: str
    key: str
    value: str


async def tag_model(command: TagModel, uow: UnitOfWork) -> Answer:
    """200 with all tags; raises `NotFound`, `PreconditionFailed`."""
    uow.about(command.model_id)
    model = await uow.get(Model, command.model_id, what="model")
    uow.expect(model)
    model.tag(command.key, command.value, await uow.now())
    uow.save(model, subject=model.model_id)
    return Answer(200, {"id": model.model_id, "tags": model.tags}, model.version)
