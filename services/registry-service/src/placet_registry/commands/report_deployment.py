"""Record a pipeline's report that a version runs in an environment.

1. The environment exists.
2. The version is named by id, or found by the artifact's digest if exactly one version has it.
3. The digest that is said to run is the version's.
"""

from dataclasses import dataclass

from placet_registry.commands.allowed_roles import REPORTERS
from placet_registry.domain.deployments import Deployment, only_version_of
from placet_registry.domain.environments import Environment
from placet_registry.domain.versions import Version
from placet_registry.domain.words import environment_name, sha256_digest
from placet_shared.access import allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["ReportDeployment", "ReportedDeployment", "report_deployment"]

VERSIONS_OF_ARTIFACT = "select version_id from versions where sha256 = $1 order by version_id limit 100"


@dataclass(frozen=True, slots=True)
class ReportDeployment:
    """`deployment_id` is new; at least one of `version_id` and `sha256` is given."""

    deployment_id: str
    environment: str
    version_id: str | None = None
    sha256: str | None = None
    permit_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReportedDeployment:
    """The version, bytes and environment of the deployment."""

    id: str
    environment: str
    model_id: str
    version_id: str
    sha256: str
    revision: int


@allowed(*REPORTERS)
async def report_deployment(command: ReportDeployment, uow: UnitOfWork) -> ReportedDeployment:
    """Raises `NotFound`, `Conflict` for an ambiguous digest, `Invalid` for another digest."""
    name = environment_name("environment", command.environment)
    uow.about(name)
    environment = await uow.get(Environment, name, what="environment", check=False)  # 1; none is ever removed
    sha256 = sha256_digest("sha256", command.sha256) if command.sha256 is not None else None
    version = await _version(command.version_id, sha256, uow)  # 2
    uow.about(version.model_id)
    deployment = Deployment.report(  # 3
        command.deployment_id, environment.name, version, sha256=sha256, permit_id=command.permit_id, at=await uow.now()
    )
    uow.save(deployment, subject=deployment.model_id)
    return ReportedDeployment(
        deployment.deployment_id,
        deployment.environment,
        deployment.model_id,
        deployment.version_id,
        deployment.sha256,
        deployment.version,
    )


async def _version(version_id: str | None, sha256: str | None, uow: UnitOfWork) -> Version:
    """Versions never change, so nothing needs to be checked again at the append."""
    if version_id is None:
        assert sha256 is not None
        rows = await uow.fetch(VERSIONS_OF_ARTIFACT, sha256)
        version_id = only_version_of(sha256, [row["version_id"] for row in rows])
    return await uow.get(Version, version_id, what="version", check=False)
