"""The gate: may this go to this environment now?"""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal, Self

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from placet_approval.api.parts import approval_of
from placet_approval.api.rendering import rendered
from placet_approval.commands.make_gate_decision import MadeGateDecision, MakeGateDecision, make_gate_decision
from placet_approval.domain.gate import GateDecision
from placet_approval.domain.gate_facts import GateQuestion
from placet_approval.domain.given_decision import GivenDecision, require_given_again
from placet_approval.domain.timestamps import parse_rfc3339, rfc3339
from placet_approval.queries.gate_decisions import read_gate_decision
from placet_shared.event_store import Answer
from placet_shared.identifiers import new_id
from placet_shared.service.commands import run_command
from placet_shared.service.identity import CurrentActor
from placet_shared.web.json_responses import json_response

__all__ = ["router"]

router = APIRouter(prefix="/v1/gate", tags=["gate"])

UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
VERSION_ID = "0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c13"
DecisionId = Annotated[str, Path(pattern=UUID, max_length=36, description="Id of a recorded decision.")]
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class GateAsked(BaseModel):
    """The question; name the version by digest, by id, or by model and number."""

    model_config = ConfigDict(extra="forbid")

    environment: str = Field(
        pattern="^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", max_length=63, description="Where it is to go.", examples=["prod"]
    )
    digest: str | None = Field(
        None,
        pattern="^[0-9a-f]{64}$",
        max_length=64,
        description="SHA-256 of the artifact that is about to be deployed.",
        examples=[DIGEST],
    )
    version_id: str | None = Field(None, pattern=UUID, max_length=36, description="Id of the version.", examples=[VERSION_ID])
    model: str | None = Field(None, max_length=200, pattern=r"^[^\x00-\x1f]+$", description="Id or name.", examples=["fraud"])
    number: int | None = Field(None, ge=1, le=2**31 - 1, description="Number of the version of `model`.", examples=[7])

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
    """A reason against the deployment, and what would resolve it."""

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
    valid_until: datetime | None = Field(
        description="Until when a yes may be used, the earliest of policy, expiry of the sign-off and age of the evidence; null for a no."
    )
    break_glass: str | None = Field(description="Id of the break-glass that allows it in spite of the reasons; null where none was needed.")
    positions: dict[str, str] = Field(
        description="The position of each source that the decision was made at.", examples=[{"registry": "registry:1:123"}]
    )


class RecordedGateAnswer(GateAnswer):
    """The answer for the record; `id` is what a pipeline shows."""

    id: str | None = Field(
        description="Null when a repeated request can't be decided now: nothing was recorded.",
        examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"],
    )


class GateDecisionView(BaseModel):
    """The question and the decision: when, by whom, at which position of each source."""

    decision_id: str
    environment: str
    question: dict[str, Any]
    verdict: str
    decided: bool
    reasons: list[str]
    model_id: str | None
    version_id: str | None
    artifact_sha256: str | None
    sign_off_id: str | None
    policy: dict[str, Any] | None
    valid_until: datetime | None = Field(description="Until when a yes may be used; null for a no, and for decisions of the first release.")
    break_glass: str | None
    positions: dict[str, str]
    decided_by: str
    decided_at: datetime


class Validity(BaseModel):
    """Whether a recorded decision still holds, decided again at this moment."""

    decision_id: str
    holds: bool
    decided: bool = Field(description="False when too little is known: ask again.")
    valid_until: datetime | None
    reasons: list[GateReason] = Field(description="Why it does not hold.")


@router.get("", summary="Ask", response_model=GateAnswer)
async def ask_gate(request: Request, actor: CurrentActor, asked: Annotated[GateAsked, Query()]) -> Response:
    """Answers 200 with the decision, yes or no. Only the number of questions is recorded; a deployment asks by `POST`."""
    decision = await approval_of(request).gate.ask(asked.question())
    approval_of(request).gate_count.count(actor.id, decision.environment, decision.verdict)
    return json_response(_members(decision))


@router.post("", status_code=201, summary="Ask, and record the decision", response_model=RecordedGateAnswer)
async def post_gate_decision(request: Request, actor: CurrentActor, body: GateAsked) -> Response:
    """The same, as a durable decision with an id: what a pipeline shows when it deploys, before `valid_until`.

    Needs the role `pipeline`, `developer` or `admin`. A yes is written only if what it rests on still holds at that moment. Repeated with
    the same `Idempotency-Key`, a no is answered again as it was; a yes is decided again, and answered only while the same version,
    sign-off and policy still give it: otherwise 409 `decision_outdated` with the reasons of now, or 200 with `decided` false.
    """
    gate_count = approval_of(request).gate_count
    now = await approval_of(request).gate.ask(body.question())
    command = MakeGateDecision(new_id(), now.question, now.facts)
    answer = await run_command(request, make_gate_decision, command, present=_recorded)
    if answer.status_code == 201 and "idempotency-replayed" in answer.headers:
        gate_count.count(actor.id, now.environment, now.verdict)
        return _again(answer, now)
    if answer.status_code == 201:
        gate_count.decided(orjson.loads(answer.body)["verdict"])
    return answer


@router.get("/decisions/{decision_id}", summary="Read a recorded decision", response_model=GateDecisionView)
async def get_gate_decision(request: Request, actor: CurrentActor, decision_id: DecisionId) -> Response:
    """The decision as it was made, with the reasons of that moment."""
    return json_response(rendered(await read_gate_decision(approval_of(request).pool, decision_id)))


@router.get("/decisions/{decision_id}/validity", summary="Does a recorded decision still hold?", response_model=Validity)
async def get_gate_decision_validity(request: Request, actor: CurrentActor, decision_id: DecisionId) -> Response:
    """Decided again now, on everything that was committed anywhere before this question; nothing is recorded."""
    return json_response(rendered(await approval_of(request).gate.still_holds(decision_id)))


def _recorded(made: MadeGateDecision) -> Answer:
    return Answer(201, {"id": made.id, **_members(made.decision)}, made.revision, f"/v1/gate/decisions/{made.id}")


def _members(decision: GateDecision) -> dict[str, Any]:
    """A decision in the API's form, durable or not."""
    return {
        "verdict": decision.verdict,
        "allowed": decision.allowed,
        "decided": decision.decided,
        "reasons": [asdict(reason) for reason in decision.reasons],
        "model_id": decision.version.model_id if decision.version else None,
        "version_id": decision.version.version_id if decision.version else None,
        "artifact_sha256": decision.version.artifact_sha256 if decision.version else None,
        "sign_off_id": decision.sign_off.sign_off_id if decision.sign_off else None,
        "policy": decision.policy.reference() if decision.policy else None,
        "valid_until": rfc3339(decision.valid_until) if decision.valid_until else None,
        "break_glass": decision.break_glass.glass_id if decision.break_glass else None,
        "positions": dict(decision.facts.positions),
    }


def _again(answer: Response, now: GateDecision) -> Response:
    """The answer to an idempotency key that was used before (rule 29); raises `Conflict`."""
    stored = orjson.loads(answer.body)
    if not stored["allowed"]:
        return answer
    if not now.decided:
        return json_response({"id": None, **_members(now)})
    given = GivenDecision(
        decision_id=stored["id"],
        allowed=stored["allowed"],
        version_id=stored["version_id"],
        sign_off_id=stored["sign_off_id"],
        policy=stored["policy"],
        valid_until=parse_rfc3339(stored["valid_until"]) if stored.get("valid_until") else None,
        break_glass=stored.get("break_glass"),
    )
    require_given_again(given, now)
    return answer
