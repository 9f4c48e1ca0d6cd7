"""What runs without a yes, and the directives about it, as approval-service answers."""

from datetime import datetime

from placet_client.answers.answer import Answer, Part
from placet_client.answers.sign_offs import Holder, SaidText

__all__ = ["Directive", "ResolvedDirective", "RollBackTarget", "Unapproved"]


class RollBackTarget(Part, frozen=True, kw_only=True):
    """The last other version of the model with a yes in force there."""

    version_id: str
    artifact_sha256: str
    sign_off_id: str


class Directive(Answer, frozen=True, kw_only=True):
    """What is to be done about a deployment: `kind` is alert, drain, shadow or roll_back; `because` is how its yes ended."""

    id: str
    state: str
    kind: str
    because: str
    model_id: str
    model: str | None = None
    version_id: str
    number: int | None = None
    environment: str
    deployment_id: str
    artifact_sha256: str
    sign_off_id: str | None = None
    roll_back_to: RollBackTarget | None = None
    issued_at: datetime
    how: str | None = None
    known_by: str | None = None
    resolved_by: Holder | None = None
    resolved_at: datetime | None = None
    reason: SaidText | None = None
    stream_version: int


class ResolvedDirective(Answer, frozen=True, kw_only=True):
    """A directive after a report."""

    id: str
    how: str
    deployment_id: str
    environment: str
    model_id: str


class Unapproved(Answer, frozen=True, kw_only=True):
    """A deployment without a yes, by facts; `resolved` is what was reported of its directive."""

    deployment_id: str
    environment: str
    model_id: str
    model: str | None = None
    version_id: str
    number: int | None = None
    sha256: str
    reported_at: datetime | None = None
    since: datetime | None = None
    because: str
    sign_off_id: str | None = None
    directive_id: str | None = None
    kind: str | None = None
    resolved: str | None = None
