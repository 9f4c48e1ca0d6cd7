"""Replace a model's description."""

from dataclasses import dataclass

from placet_registry.domain.models import Model
from placet_shared.event_store import Answer, UnitOfWork

__all__ = ["DescribeModel", "describe_model"]


@dataclass(frozen=True, slots=True)
class DescribeModel:
    """`description` is free text; None takes it away."""

    model_id: str
    description: str | None


async def describe_model(command: DescribeModel, uow: UnitOfWork) -> Answer:
    """200 with the model's id; raises `NotFound`, `PreconditionFailed`."""
    uow.about(command.model_id)
    model = await uow.get(Model, command.model_id, what="model")
    uow.expect(model)
    description = uow.text(command.description, kind="description", subject=model.model_id) if command.description else None
    model.describe(description, await uow.now())
    uow.save(model, subject=model.model_id)
    return Answer(200, {"id": model.model_id}, model.version)
