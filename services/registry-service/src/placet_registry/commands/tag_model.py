"""Set a model's tag."""

from collections.abc import Mapping
from dataclasses import dataclass

from placet_registry.commands.allowed_roles import REGISTRARS, is_admin
from placet_registry.domain.models import Model
from placet_shared.access import allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["TagModel", "TaggedModel", "tag_model"]


@dataclass(frozen=True, slots=True)
class TagModel:
    """Key and value are identifiers, no free text."""

    model_id: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class TaggedModel:
    """All tags of the model as they are now."""

    id: str
    tags: Mapping[str, str]
    revision: int


@allowed(*REGISTRARS)
async def tag_model(command: TagModel, uow: UnitOfWork) -> TaggedModel:
    """Raises `NotFound`, `PreconditionFailed`, `Forbidden` for a governance tag of others than admins."""
    uow.about(command.model_id)
    model = await uow.get(Model, command.model_id, what="model")
    uow.expect(model)
    model.tag(command.key, command.value, by_admin=is_admin(uow.actor), at=await uow.now())
    uow.save(model, subject=model.model_id)
    return TaggedModel(model.model_id, model.tags, model.version)
