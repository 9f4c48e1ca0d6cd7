"""Deployments as spans of the log's index."""

from datetime import datetime

import msgspec

from placet_audit.projections.entry import Entry
from placet_audit.projections.rows import Rows, Table
from placet_audit.projections.views import Step, TableView, Text

__all__ = ["DEPLOYMENTS", "PLACES", "Deployment", "Place"]


class Deployment(msgspec.Struct, frozen=True):
    """A row of `deployment_spans`."""

    deployment_id: str
    environment: str
    model_id: str
    version_id: str
    artifact_sha256: str
    reported_by: str
    reported_at: datetime
    from_index: int
    to_index: int | None = None


class Place(msgspec.Struct, frozen=True):
    """A row of `deployment_places`: the entry of a model's first deployment to an environment."""

    model_id: str
    environment: str
    first_index: int


class DeploymentReported(msgspec.Struct, frozen=True):
    """The fields that are read from the event."""

    deployment_id: Text
    environment: Text
    model_id: Text
    version_id: Text
    sha256: Text


class DeploymentEnded(msgspec.Struct, frozen=True):
    """The fields that are read from the event."""

    deployment_id: Text


def begin(deployments: Rows[Deployment], entry: Entry, event: DeploymentReported) -> None:
    """A model has one current deployment in an environment: the next one ends it."""
    for current in deployments.open_at((event.environment, event.model_id)):
        deployments.put(msgspec.structs.replace(current, to_index=entry.index))
    if event.deployment_id not in deployments:
        place = (event.deployment_id, event.environment, event.model_id, event.version_id, event.sha256)
        deployments.put(Deployment(*place, entry.actor, entry.recorded_at, entry.index))


def settle(places: Rows[Place], entry: Entry, event: DeploymentReported) -> None:
    """The first deployment of a model to an environment."""
    if (event.model_id, event.environment) not in places:
        places.put(Place(event.model_id, event.environment, entry.index))


def end(deployments: Rows[Deployment], entry: Entry, event: DeploymentEnded) -> None:
    """Once."""
    deployment = deployments.find(event.deployment_id)
    if deployment and deployment.to_index is None:
        deployments.put(msgspec.structs.replace(deployment, to_index=entry.index))


DEPLOYMENTS = TableView(
    Table("deployment_spans", Deployment, key=["deployment_id"], place=["environment", "model_id"]),
    {"DeploymentReported": Step(DeploymentReported, begin), "DeploymentEnded": Step(DeploymentEnded, end)},
)
PLACES = TableView(
    Table("deployment_places", Place, key=["model_id", "environment"]),
    {"DeploymentReported": Step(DeploymentReported, settle)},
)
