"""The gate: may this go to this environment now?"""

from typing import Annotated, Any, Literal, Self

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from placet_approval.commands.make_gate_decision import MakeGateDecision, decision_body, make_gate_decision
from placet_approval.domain.gate import decide
from placet_approval.domain.gate_facts import GateQuestion
from placet_approval.queries.gate_answer import gate_facts
from placet_approval.queries.gate_decisions import GateDecisionView, read_gate_decision
from placet_shared.identifiers import new_id
from placet_shared.web.commands import run_command
from placet_shared.web.identity import CurrentActor

__all__ = ["router"]

router = APIRouter(prefix="/v1/gate", tags=["gate"])

UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
VERSION_ID = "0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c13"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class GateAsked(BaseModel):
    """The question; name the version by digest, by id, or by model and number."""

    model_config = ConfigDict(extra="forbid")

    environment: str = Field(pattern="^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", examples=["prod"])
    digest: str | None = Field(
        None, pattern="^[0-9a-f]{64}$", description="SHA-256 of the artifact that is about to be deployed.", examples=[DIGEST]
    )
    version_id: str | None = Field(None, pattern=UUID, examples=[VERSION_ID])
    model: str | None = Field(None, max_length=200, pattern=r"^[^\x00-\x1f]+$", description="Id or name.", examples=["fraud"])
    number: int | None = Field(None, ge=1, le=2**31 - 1, examples=[7])

    @model_validator(mode="after")
    def _names_a_version(self) -> Self:
        if not (self.digest or self.version_id or (self.model and self.number)):
            raise ValueError(
                "name the version by `digest`, by `version_id`, or by `model` and `number`; "
                "a digest may come with the others and must then be theirs"
            )
        return self

    def question(self) -> GateQuestion:
        """For the domain."""
        return GateQuestion(**self.model_dump())


class GateReason(BaseModel):
    """What speaks against, and what would resolve it."""

    code: str = Field(examples=["awaiting_signatures"])
    detail: str
    resolve: str
    topic: Literal["question", "policy", "knowledge"]
    facts: dict[str, Any]


class GateAnswer(BaseModel):
    """`allowed` is the answer. `decided` false means that too little was known: ask again."""

    verdict: Literal["allow", "warn", "deny"] = Field(description="warn: allowed by a lenient policy in spite of the reasons.")
    allowed: bool
    decided: bool
    reasons: list[GateReason]
    model_id: str | None
    version_id: str | None
    artifact_sha256: str | None
    sign_off_id: str | None
    policy: dict[str, Any] | None
    positions: dict[str, str] = Field(
        description="What was known of each source when it was decided.", examples=[{"registry": "registry:1:123"}]
    )


class RecordedGateAnswer(GateAnswer):
    """The answer for the record; `id` is what a pipeline shows."""

    id: str = Field(examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])


@router.get("", summary="Ask", response_model=GateAnswer)
async def ask_gate(request: Request, actor: CurrentActor, asked: Annotated[GateAsked, Query()]) -> Response:
    """Answers 200 with the decision, whichever it is. Nothing is recorded but how often was asked; a deployment asks by `POST`."""
    services = request.app.state.placet
    question = asked.question()
    facts, at = await gate_facts(services.pool, services.barrier, question)
    decision = decide(question, facts, at)
    services.gate_count.count(actor.id, question.environment if facts.environment_known else None, decision.verdict)
    return Response(orjson.dumps(decision_body(decision, facts.positions)), media_type="application/json")


@router.post("", status_code=201, summary="Ask for the record", response_model=RecordedGateAnswer)
async def post_gate_decision(request: Request, actor: CurrentActor, body: GateAsked) -> Response:
    """The same, as a durable decision with an id: what a pipeline shows when it deploys.

    Needs the role `pipeline`, `developer` or `admin`. A yes is written only if what it rests on still holds at that moment.
    """
    services = request.app.state.placet
    question = body.question()
    facts, _ = await gate_facts(services.pool, services.barrier, question)
    command = MakeGateDecision(new_id(), question, facts)
    answer = await run_command(request, actor, action="make_gate_decision", handler=lambda uow: make_gate_decision(command, uow))
    if answer.status_code == 201 and "idempotency-replayed" not in answer.headers:
        services.gate_count.decided(orjson.loads(answer.body)["verdict"])
    return answer


@router.get("/decisions/{decision_id}", summary="Read a recorded decision")
async def get_gate_decision(request: Request, actor: CurrentActor, decision_id: Annotated[str, Path(pattern=UUID)]) -> GateDecisionView:
    """As it was decided, with the reasons of that moment."""
    return await read_gate_decision(request.app.state.placet.pool, decision_id)
