"""Whether what runs is approved, as approval-service answers."""

from datetime import datetime

from placet_client.answers.answer import Answer, Part

__all__ = ["DeploymentApproval", "DeploymentApprovals"]


class DeploymentApproval(Part, frozen=True, kw_only=True):
    """A current deployment; `when_reported` and `now` are approved, unapproved or not required."""

    deployment_id: str
    environment: str
    model_id: str
    version_id: str
    sha256: str
    reported_at: datetime
    when_reported: str
    now: str


class DeploymentApprovals(Answer, frozen=True, kw_only=True):
    """Those of the deployments that are current."""

    items: tuple[DeploymentApproval, ...] = ()
