"""Register a model under a name that is not taken."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from placet_registry.commands.allowed_roles import REGISTRARS, is_admin
from placet_registry.domain.model_names import ModelName
from placet_registry.domain.models import Model
from placet_shared.access import allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["RegisterModel", "RegisteredModel", "register_model"]


@dataclass(frozen=True, slots=True)
class RegisterModel:
    """`model_id` is new; `description` is free text."""

    model_id: str
    name: str
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """The new model."""

    id: str
    name: str
    revision: int


@allowed(*REGISTRARS)
async def register_model(command: RegisterModel, uow: UnitOfWork) -> RegisteredModel:
    """Raises `Conflict` when the name belongs to another model, `Forbidden` for governance tags of others than admins."""
    taken = await uow.load(ModelName, ModelName.key_of(command.name))
    if taken:
        uow.about(taken.model_id)
        raise taken.refuse_another()
    at = await uow.now()
    name = ModelName.reserve(command.name, command.model_id, at)
    description = uow.text(command.description, kind="description", subject=command.model_id) if command.description else None
    model = Model.register(
        command.model_id, name.name, description=description, tags=dict(command.tags), by_admin=is_admin(uow.actor), at=at
    )
    uow.save(name, subject=model.model_id)
    uow.save(model, subject=model.model_id)
    return RegisteredModel(model.model_id, model.name, model.version)
