"""Take a model's tag away."""

from dataclasses import dataclass

from placet_registry.domain.models import Model
from placet_shared.event_store import Answer, UnitOfWork

__all__ = ["UntagModel", "untag_model"]


@dataclass(frozen=True, slots=True)
class UntagModel:
    """Which tag of which model."""

    model_id: str
    key: str


async def untag_model(command: UntagModel, uow: UnitOfWork) -> Answer:
    """200 with the tags that are left; raises `NotFound` for model and tag, `PreconditionFailed`."""
    uow.about(command.model_id)
    model = await uow.get(Model, command.model_id, what="model")
    uow.expect(model)
    model.untag(command.key, await uow.now())
    uow.save(model, subject=model.model_id)
    return Answer(200, {"id": model.model_id, "tags": model.tags}, model.version)
