"""One row a deployment; at most one of a model in an environment has not ended."""

from collections.abc import Iterable

from placet_shared.event_store import RecordedEvent, Statement

__all__ = ["DEPLOYMENT_ROWS"]

REPLACE_CURRENT = """
    update deployments set ended_at = $3, ended_by = $4, end_cause = 'replaced', replaced_by = $5
    where environment = $1 and model_id = $2 and ended_at is null
"""
INSERT_DEPLOYMENT = """
    insert into deployments (deployment_id, environment, model_id, version_id, sha256, permit_id, stream_version,
                             reported_by, reported_at, position)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
# One that was replaced has ended already; what a late report adds is its reason.
END_DEPLOYMENT = """
    update deployments
    set stream_version = $2, reason_id = $3, reason_hmac = $4,
        ended_at = coalesce(ended_at, $5), ended_by = coalesce(ended_by, $6), end_cause = coalesce(end_cause, 'retired')
    where deployment_id = $1
"""


def _reported(event: RecordedEvent) -> Iterable[Statement]:
    fields = event.fields
    deployment, environment, model = fields["deployment_id"], fields["environment"], fields["model_id"]
    yield Statement(REPLACE_CURRENT, (environment, model, event.recorded_at, event.actor, deployment))
    what = (fields["version_id"], fields["sha256"], fields["permit_id"])
    begun = (event.version, event.actor, event.recorded_at, event.position)
    yield Statement(INSERT_DEPLOYMENT, (deployment, environment, model, *what, *begun))


def _ended(event: RecordedEvent) -> Iterable[Statement]:
    reason = event.fields["reason"] or {}
    ended = (event.version, reason.get("id"), reason.get("hmac"), event.recorded_at, event.actor)
    yield Statement(END_DEPLOYMENT, (event.fields["deployment_id"], *ended))


DEPLOYMENT_ROWS = {"DeploymentReported": _reported, "DeploymentEnded": _ended}
