"""Judge a model: its value, its risk, its feasibility and its risk tier, with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from placet_registry.commands.allowed_roles import REGISTRARS, is_admin
from placet_registry.domain.models import Model
from placet_registry.domain.qualification import Level, qualified_by
from placet_shared.access import allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["QualifiedModel", "QualifyModel", "qualify_model"]


@dataclass(frozen=True, slots=True)
class QualifyModel:
    """`judged` has value, risk, feasibility and risk_tier; None leaves one as it is. `reason` is free text."""

    model_id: str
    judged: Mapping[str, Level | None]
    reason: str


@dataclass(frozen=True, slots=True)
class QualifiedModel:
    """All qualities and all tags of the model as they are now."""

    id: str
    qualification: Mapping[str, str | None]
    tags: Mapping[str, str]
    revision: int


@allowed(*REGISTRARS)
async def qualify_model(command: QualifyModel, uow: UnitOfWork) -> QualifiedModel:
    """Raises `NotFound`, `PreconditionFailed`, `Forbidden` for others than admins."""
    uow.about(command.model_id)
    model = await uow.get(Model, command.model_id, what="model")
    uow.expect(model)
    reason = uow.text(command.reason, kind="reason", subject=model.model_id)
    model.qualify(command.judged, reason, by_admin=is_admin(uow.actor), at=await uow.now())
    uow.save(model, subject=model.model_id)
    return QualifiedModel(model.model_id, qualified_by(model.tags), model.tags, model.version)
