"""Record what runs in an environment after a release was deployed or taken out: all of it in one append, or nothing.

Each report and each end is by the rules of a single one; a refusal says which one it is about, and nothing is recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from placet_registry.commands.allowed_roles import REPORTERS
from placet_registry.commands.end_deployment import EndDeployment, EndedDeployment, end_deployment
from placet_registry.commands.report_deployment import ReportDeployment, ReportedDeployment, report_deployment
from placet_registry.domain.deployments import Deployment, require_one_of_each_model
from placet_shared.access import allowed
from placet_shared.errors import Invalid
from placet_shared.event_store import UnitOfWork

__all__ = ["ReportDeployments", "ReportedDeployments", "report_deployments"]


@dataclass(frozen=True, slots=True)
class ReportDeployments:
    """`begun` run in the environment from now on, each in place of its model's version before; `ended` run there no more."""

    environment: str
    begun: Sequence[ReportDeployment]
    ended: Sequence[EndDeployment]


@dataclass(frozen=True, slots=True)
class ReportedDeployments:
    """The deployments that began and those that ended."""

    environment: str
    begun: Sequence[ReportedDeployment]
    ended: Sequence[EndedDeployment]


@allowed(*REPORTERS)
async def report_deployments(command: ReportDeployments, uow: UnitOfWork) -> ReportedDeployments:
    """Raises what the single reports raise, and `Invalid` for two versions of one model or a deployment in another environment."""
    ended = [await _end(one, command.environment, uow) for one in command.ended]
    begun = [await report_deployment(one, uow) for one in command.begun]
    require_one_of_each_model([one.model_id for one in begun])
    return ReportedDeployments(command.environment, begun, ended)


async def _end(one: EndDeployment, environment: str, uow: UnitOfWork) -> EndedDeployment:
    deployment = await uow.get(Deployment, one.deployment_id, what="deployment")
    uow.about(deployment.model_id)
    if deployment.environment != environment:
        raise Invalid(
            f"Deployment {one.deployment_id} is in {deployment.environment}, not in {environment}.",
            code="other_environment",
            resolve="Report what happens in one environment at a time.",
            deployment_id=one.deployment_id,
        )
    return await end_deployment(one, uow)
