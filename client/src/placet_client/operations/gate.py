"""The gate of approval-service: may this go to this environment now?"""

from collections.abc import Mapping
from typing import Any

from placet_client.answers.gate import Decision, PastDecision, RecordedDecision, Validity
from placet_client.calls import Call, Flow
from placet_client.operations.paths import quoted
from placet_client.problems import Problem

SERVICE = "approval"


def ask_gate(question: Mapping[str, Any]) -> Call[Decision]:
    """An answer for now; only the number of questions is recorded.

    `question` has environment, and names the version by digest, by version_id, or by model and number; a digest may come with the others.
    """
    return Call(SERVICE, "GET", "/v1/gate", Decision, question)


def decide(question: Mapping[str, Any], traceparent: str | None = None) -> Flow[RecordedDecision]:
    """A durable decision with an id. For pipelines, developers and admins.

    `traceparent` is of the trace that the decision continues, such as that of an answer to `wait`.
    """
    call = Call(SERVICE, "POST", "/v1/gate", RecordedDecision, json=dict(question), traceparent=traceparent)
    try:
        return (yield from call)
    except Problem as problem:
        if problem.code != "decision_outdated":
            raise
        # The answer was lost, and on the retry it no longer holds: ask for a decision of now.
        return (yield from call)


def decision(decision_id: str) -> Call[PastDecision]:
    """As it was recorded; raises `Problem` with code gate_decision_not_found."""
    return Call(SERVICE, "GET", f"/v1/gate/decisions/{quoted(decision_id)}", PastDecision)


def decision_validity(decision_id: str) -> Call[Validity]:
    """Whether it still holds, decided again now."""
    return Call(SERVICE, "GET", f"/v1/gate/decisions/{quoted(decision_id)}/validity", Validity)
