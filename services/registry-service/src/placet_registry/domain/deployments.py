"""A deployment as a pipeline reports it: these bytes of this version run in this environment, from now until they end.

A report replaces the model's current deployment in that environment; that follows from the order of the events and
needs none of its own. A deployment that is ended leaves nothing current: what it had replaced does not come back.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from placet_registry.domain.models import Commitment
from placet_registry.domain.versions import Version
from placet_registry.domain.words import identifier
from placet_shared.aggregates import Aggregate, Created, Event
from placet_shared.errors import Conflict, FieldError, Invalid, NotFound

__all__ = ["Deployment", "only_version_of", "require_one_of_each_model"]


class Deployment(Aggregate):
    """One report, bound to digest, version and environment."""

    TOPIC = "Deployment"
    CATEGORY = "deployment"

    deployment_id: str
    environment: str
    model_id: str
    version_id: str
    sha256: str
    permit_id: str | None
    ended: bool = False

    class DeploymentReported(Created):
        """This version, with these bytes, runs in this environment; the model's current deployment there is replaced by it."""

        TOPIC = "DeploymentReported"

        deployment_id: str
        environment: str
        model_id: str
        version_id: str
        sha256: str
        permit_id: str | None

    class DeploymentEnded(Event):
        """The deployment has ended."""

        TOPIC = "DeploymentEnded"

        deployment_id: str
        environment: str
        model_id: str
        reason: Commitment | None

        def apply(self, aggregate: "Deployment") -> None:
            aggregate.ended = True

    @classmethod
    def report(
        cls, deployment_id: str, environment: str, version: Version, *, sha256: str | None, permit_id: str | None, at: datetime
    ) -> Self:
        """Begin a deployment; raises `Invalid` when the digest that is said to run is not the version's."""
        if sha256 is not None and sha256 != version.sha256:
            raise Invalid(
                f"Version {version.version_id} has the artifact {version.sha256}, not {sha256}.",
                code="artifact_mismatch",
                resolve="Find out what really runs: deploy the registered artifact, or register these bytes as a version of their own.",
                errors=[FieldError("sha256", sha256, version.sha256)],
            )
        return cls.create(
            cls.DeploymentReported,
            key=deployment_id,
            at=at,
            deployment_id=deployment_id,
            environment=environment,
            model_id=version.model_id,
            version_id=version.version_id,
            sha256=version.sha256,
            permit_id=identifier("permit_id", permit_id) if permit_id is not None else None,
        )

    def end(self, reason: Commitment | None, at: datetime) -> None:
        """End it; raises `Conflict` the second time."""
        if self.ended:
            raise Conflict(
                f"Deployment {self.deployment_id} has been ended before.",
                code="deployment_ended",
                resolve="Nothing is left to do: it does not run according to the registry.",
                deployment_id=self.deployment_id,
            )
        self.trigger(
            self.DeploymentEnded,
            at=at,
            deployment_id=self.deployment_id,
            environment=self.environment,
            model_id=self.model_id,
            reason=reason,
        )


def require_one_of_each_model(models: Sequence[str]) -> None:
    """Of what begins together: the second version of a model would replace the first at once."""
    twice = sorted({model for model in models if models.count(model) > 1})
    if twice:
        raise Invalid(
            "Two of the reported versions are of the same model, and only one can run in an environment.",
            code="model_twice",
            resolve="Report the one that runs.",
            model_ids=twice,
        )


def only_version_of(sha256: str, version_ids: Sequence[str]) -> str:
    """The one version that has this artifact; none and several are refusals, never a guess."""
    if not version_ids:
        raise NotFound(
            f"No version has the artifact {sha256}.",
            code="artifact_unknown",
            resolve="Register the artifact as a version of a model before it is deployed.",
            sha256=sha256,
        )
    if len(version_ids) > 1:
        raise Conflict(
            f"{len(version_ids)} versions have the artifact {sha256}.",
            code="artifact_ambiguous",
            resolve="Name the version that was deployed in version_id.",
            sha256=sha256,
            version_ids=list(version_ids),
        )
    return version_ids[0]
