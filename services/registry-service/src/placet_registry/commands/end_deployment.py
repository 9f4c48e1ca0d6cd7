"""Record the end of a deployment."""

from dataclasses import dataclass

from placet_registry.commands.allowed_roles import REPORTERS
from placet_registry.domain.deployments import Deployment
from placet_shared.access import allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["EndDeployment", "EndedDeployment", "end_deployment"]


@dataclass(frozen=True, slots=True)
class EndDeployment:
    """`reason` is free text."""

    deployment_id: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class EndedDeployment:
    """The ended deployment."""

    id: str
    revision: int


@allowed(*REPORTERS)
async def end_deployment(command: EndDeployment, uow: UnitOfWork) -> EndedDeployment:
    """Raises `NotFound`, `Conflict` when it was ended before, `PreconditionFailed`."""
    deployment = await uow.get(Deployment, command.deployment_id, what="deployment")
    uow.about(deployment.model_id)
    uow.expect(deployment)
    reason = uow.text(command.reason, kind="reason", subject=deployment.model_id) if command.reason else None
    deployment.end(reason, await uow.now())
    uow.save(deployment, subject=deployment.model_id)
    return EndedDeployment(deployment.deployment_id, deployment.version)
