"""Events about directives: what must happen to a deployment whose yes has ended. Their subject is the model."""

from typing import Annotated, Literal

from pydantic import Field

from placet_shared.contracts import EventData, TextCommitment

__all__ = ["DIRECTIVE_EVENTS", "DirectiveIssued", "DirectiveResolved"]

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class RollBackTarget(EventData):
    """The last version of the model that has a yes in force for the environment."""

    version_id: str
    artifact_sha256: Sha256
    sign_off_id: str


class DirectiveIssued(EventData):
    """A deployment runs without a yes: people and pipelines are told what to do about it, as the policy says.

    `because`: how the yes ended. revoked, suspended: by a person, who may have said so of the same bytes in another sign-off. never: there
    was none, the deployment was reported without one. break_glass: a break-glass let it through and is over. `sign_off_id` is the one that
    ended, null where there was none. `roll_back_to` is set for a roll_back where some other version has a yes.
    """

    directive_id: str
    kind: Literal["alert", "drain", "shadow", "roll_back"]
    model_id: str
    version_id: str
    environment: str
    deployment_id: str
    artifact_sha256: Sha256
    sign_off_id: str | None
    because: Literal["revoked", "expired", "invalidated", "suspended", "never", "break_glass"]
    roll_back_to: RollBackTarget | None


class DirectiveResolved(EventData):
    """The directive is closed.

    `known_by`: a report by the event's actor, or facts: the registry said that the deployment ended or was replaced, or the same bytes
    were approved again. A report is a claim; what runs without a yes is counted by facts alone.
    """

    directive_id: str
    model_id: str
    environment: str
    deployment_id: str
    how: Literal["ended", "replaced", "shadowed", "approved_again", "accepted"]
    known_by: Literal["report", "facts"]
    reason: TextCommitment | None


DIRECTIVE_EVENTS: dict[str, type[EventData]] = {model.__name__: model for model in (DirectiveIssued, DirectiveResolved)}
