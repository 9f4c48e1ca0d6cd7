"""Remove a model's tag."""

from dataclasses import dataclass

from placet_registry.commands.allowed_roles import REGISTRARS, is_admin
from placet_registry.commands.tag_model import TaggedModel
from placet_registry.domain.models import Model
from placet_shared.access import allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["UntagModel", "untag_model"]


@dataclass(frozen=True, slots=True)
class UntagModel:
    """The model and the tag's key."""

    model_id: str
    key: str


@allowed(*REGISTRARS)
async def untag_model(command: UntagModel, uow: UnitOfWork) -> TaggedModel:
    """Raises `NotFound` for model and tag, `PreconditionFailed`, `Forbidden` for a governance tag of others than admins."""
    uow.about(command.model_id)
    model = await uow.get(Model, command.model_id, what="model")
    uow.expect(model)
    model.untag(command.key, by_admin=is_admin(uow.actor), at=await uow.now())
    uow.save(model, subject=model.model_id)
    return TaggedModel(model.model_id, model.tags, model.version)
