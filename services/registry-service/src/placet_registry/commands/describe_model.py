"""Replace a model's description."""

from dataclasses import dataclass

from placet_registry.commands.allowed_roles import REGISTRARS
from placet_registry.domain.models import Model
from placet_shared.access import allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["DescribeModel", "DescribedModel", "describe_model"]


@dataclass(frozen=True, slots=True)
class DescribeModel:
    """`description` is free text; None removes it."""

    model_id: str
    description: str | None


@dataclass(frozen=True, slots=True)
class DescribedModel:
    """Without the description, which is a text and must not stand in the stored answer."""

    id: str
    revision: int


@allowed(*REGISTRARS)
async def describe_model(command: DescribeModel, uow: UnitOfWork) -> DescribedModel:
    """Raises `NotFound`, `PreconditionFailed`."""
    uow.about(command.model_id)
    model = await uow.get(Model, command.model_id, what="model")
    uow.expect(model)
    description = uow.text(command.description, kind="description", subject=model.model_id) if command.description else None
    model.describe(description, await uow.now())
    uow.save(model, subject=model.model_id)
    return DescribedModel(model.model_id, model.version)
