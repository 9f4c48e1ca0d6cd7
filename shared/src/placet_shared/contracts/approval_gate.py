"""Events about the gate: the `data` that approval-service publishes, by event type.

The subject of a decision is the model that it is about, or the environment when it is about no known version; that of counted questions is
the caller.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from placet_shared.contracts import EventData
from placet_shared.contracts.approval_policies import BoundPolicy, Sha256

__all__ = ["GATE_EVENTS", "GateDecisionMade", "GateQuestion", "GateQuestionsCounted"]


class GateQuestion(EventData):
    """What was asked."""

    environment: str
    digest: str | None
    number: int | None
    version_id: str | None


class EarlierApproval(EventData):
    """The approval of the same bytes in an environment before."""

    environment: str
    sign_off_id: str


class GateDecisionMade(EventData):
    """A durable answer of the gate, with the positions of the sources that it was made on; a yes may be used until `valid_until`.

    `break_glass` is the id of the one by which it is allowed in spite of the reasons; null where none was needed. `earlier` are the
    approvals in the environments before that it rests on, nearest first.
    """

    SCHEMA_VERSION: ClassVar[int] = 4

    decision_id: str
    environment: str
    question: GateQuestion
    verdict: Literal["allow", "warn", "deny"]
    allowed: bool
    decided: bool
    reasons: list[str]
    model_id: str | None
    version_id: str | None
    artifact_sha256: Sha256 | None
    sign_off_id: str | None
    policy: BoundPolicy | None
    valid_until: str | None
    break_glass: str | None
    earlier: list[EarlierApproval]
    positions: dict[str, str]


class GateQuestions(EventData):
    """So many questions about an environment with the same answer; `environment` is null for unknown names."""

    environment: str | None
    verdict: Literal["allow", "warn", "deny"]
    count: Annotated[int, Field(ge=1)]


class GateQuestionsCounted(EventData):
    """How often the actor of this event asked the gate without a record, since the last such event."""

    until: str
    questions: list[GateQuestions]


GATE_EVENTS: dict[str, type[EventData]] = {model.__name__: model for model in (GateDecisionMade, GateQuestionsCounted)}
