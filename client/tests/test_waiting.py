from typing import Any

import pytest

from placet_client import Missing, Problem, Subject
from placet_client.calls import Call
from placet_client.operations.waiting import wait_for_approval

AT = "2026-11-23T14:05:09Z"
ID = "0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"
SIGN_OFF = Subject(sign_off_id=ID)
LATEST = Subject(version_id="v", environment="prod")
BY_NAME = Subject(model="fraud", number=3, environment="prod")


AWAITED = {
    "id": ID, "state": "pending", "expired": False, "stream_version": 1, "model_id": "m", "version_id": "v", "environment": "prod",
    "changed_at": AT, "ended": False,
}  # fmt: skip


def a_sign_off(state: str, **more: Any) -> dict[str, Any]:
    return {
        "id": ID, "state": state, "expired": False, "have": 1, "need": 2, "environment": "prod", "model_id": "m", "version_id": "v",
        "requester": {"id": "p"}, "requested_at": AT, "changed_at": AT, "binds": {"artifact_sha256": "0"}, "same_bytes_in_all": 0,
        "version_of_stream": 1, **more,
    }  # fmt: skip


def a_decision(verdict: str = "allow", **more: Any) -> dict[str, Any]:
    return {"id": "d", "verdict": verdict, "allowed": verdict != "deny", "decided": True, "reasons": [], "positions": {}, **more}


def a_reason(code: str, topic: str = "policy") -> dict[str, Any]:
    return {"code": code, "detail": f"It is {code}.", "resolve": "Ask people.", "topic": topic}


class Clock:
    """Moves when a test says so, and never by itself."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def states(service: Any, says: Any, *answers: Any) -> None:
    """What the sign-off looks like each time it is read; the last one stays."""
    left = [answer if not isinstance(answer, str) else says(200, a_sign_off(answer)) for answer in answers]
    service.by_path[f"/v1/sign-offs/{ID}"] = lambda _: left.pop(0) if len(left) > 1 else left[0]
    service.by_path[f"/v1/sign-offs/{ID}/wait"] = lambda _: says(200, AWAITED)


def paths(service: Any) -> list[str]:
    return [asked.path for asked in service.asked]


def test_approval_is_a_yes_only_after_a_recorded_gate_decision(placet: Any, service: Any, says: Any) -> None:
    states(service, says, "pending", "approved")
    service.by_path["/v1/gate"] = lambda _: says(201, a_decision())
    outcome = placet.wait_for_approval(SIGN_OFF, 60)
    assert (outcome.verdict, outcome.exit_code, outcome.decision.raw) == ("approved", 0, a_decision())
    assert (service.asked[-1].method, service.asked[-1].path) == ("POST", "/v1/gate")


def test_request_to_a_service_that_hangs_ends_soon_after_the_wait() -> None:
    clock = Clock()
    asked = next(wait_for_approval(SIGN_OFF, 4, clock=clock))
    assert isinstance(asked, Call)
    assert asked.within == 9
    clock.seconds = 100
    asked = next(wait_for_approval(SIGN_OFF, 0, clock=clock))
    assert isinstance(asked, Call)
    assert asked.within == 5


def test_state_is_read_before_anything_is_waited_for(placet: Any, service: Any, says: Any) -> None:
    states(service, says, "approved")
    service.by_path["/v1/gate"] = lambda _: says(201, a_decision())
    placet.wait_for_approval(SIGN_OFF, 60)
    assert paths(service) == [f"/v1/sign-offs/{ID}", "/v1/gate"]


def test_approval_that_the_gate_denies_is_no_yes(placet: Any, service: Any, says: Any) -> None:
    states(service, says, "approved")
    service.by_path["/v1/gate"] = lambda _: says(201, a_decision("deny", reasons=[a_reason("expired")]))
    assert placet.wait_for_approval(SIGN_OFF, 60).verdict == "rejected"


@pytest.mark.parametrize("state", ["rejected", "withdrawn", "revoked", "invalidated"])
def test_end_without_approval_is_a_no_without_asking_the_gate(placet: Any, service: Any, says: Any, state: str) -> None:
    states(service, says, "pending", state)
    assert placet.wait_for_approval(SIGN_OFF, 60).verdict == "rejected"
    assert "/v1/gate" not in paths(service)


def test_gate_that_can_not_decide_is_asked_again_for_a_new_decision(placet: Any, service: Any, says: Any) -> None:
    states(service, says, "approved")
    answers = [says(201, a_decision("deny", decided=False)), says(201, a_decision())]
    service.by_path["/v1/gate"] = lambda _: answers.pop(0)
    assert placet.wait_for_approval(SIGN_OFF, 60).verdict == "approved"
    keys = [asked.headers["Idempotency-Key"] for asked in service.asked if asked.path == "/v1/gate"]
    assert len(set(keys)) == len(keys) == 2


def test_gate_is_asked_until_it_can_decide_and_what_it_lacks_is_told(placet: Any, service: Any, says: Any) -> None:
    states(service, says, "approved")
    unknowing = a_decision("deny", decided=False, reasons=[a_reason("stale", "knowledge"), a_reason("expired")])
    answers = [says(201, unknowing), says(201, unknowing), says(201, a_decision())]
    service.by_path["/v1/gate"] = lambda _: answers.pop(0)
    told: list[str] = []
    assert placet.wait_for_approval(SIGN_OFF, 60, told.append).verdict == "approved"
    assert told[1:] == ["the gate can't decide at this moment, asking again: It is stale."]


def test_gate_that_can_not_decide_in_time_leaves_it_undecided(placet: Any, service: Any, says: Any) -> None:
    states(service, says, "approved")
    service.by_path["/v1/gate"] = lambda _: says(201, a_decision("deny", decided=False))
    assert placet.wait_for_approval(SIGN_OFF, 0.3).verdict == "undecided"


def test_wait_ends_without_a_decision(placet: Any, service: Any, says: Any) -> None:
    states(service, says, "pending")
    assert placet.wait_for_approval(SIGN_OFF, 0.3).verdict == "timed_out"


def test_lost_connection_is_waited_out_and_the_state_read_again(placet: Any, service: Any, says: Any, problem: Any) -> None:
    states(service, says, "pending", problem(503, "behind"), "approved")
    service.by_path[f"/v1/sign-offs/{ID}/wait"] = lambda _: says(None) if len(service.asked) < 4 else says(200, AWAITED)
    service.by_path["/v1/gate"] = lambda _: says(201, a_decision())
    assert placet.wait_for_approval(SIGN_OFF, 60).verdict == "approved"


def test_time_that_runs_out_without_an_answer_leaves_it_undecided(placet: Any, service: Any, says: Any, problem: Any) -> None:
    states(service, says, problem(500, "internal_error"))
    assert placet.wait_for_approval(SIGN_OFF, 0.2).verdict == "undecided"


def test_sign_off_that_does_not_exist_is_told_at_once(placet: Any, service: Any, says: Any, problem: Any) -> None:
    states(service, says, problem(404, "sign_off_not_found"))
    with pytest.raises(Problem, match="sign_off_not_found"):
        placet.wait_for_approval(SIGN_OFF, 60)


def test_waiting_may_begin_before_a_sign_off_is_requested(placet: Any, service: Any, says: Any) -> None:
    listed = [[], [a_sign_off("approved")]]
    service.by_path["/v1/sign-offs"] = lambda _: says(200, {"items": listed.pop(0), "next_cursor": None})
    denied = a_decision("deny", reasons=[a_reason("not_signed_off")])
    service.by_path["/v1/gate"] = lambda asked: says(200, denied) if asked.method == "GET" else says(201, a_decision())
    assert placet.wait_for_approval(LATEST, 60).verdict == "approved"


def test_environment_that_asks_for_no_sign_off_needs_none(placet: Any, service: Any, says: Any) -> None:
    service.by_path["/v1/sign-offs"] = lambda _: says(200, {"items": [], "next_cursor": None})
    service.by_path["/v1/gate"] = lambda _: says(200, a_decision())
    assert placet.wait_for_approval(LATEST, 60).verdict == "approved"
    assert service.asked[-1].method == "POST"


def test_lenient_policy_does_not_end_the_waiting(placet: Any, service: Any, says: Any) -> None:
    service.by_path["/v1/sign-offs"] = lambda _: says(200, {"items": [], "next_cursor": None})
    service.by_path["/v1/gate"] = lambda _: says(200, a_decision("warn", reasons=[a_reason("not_signed_off")]))
    assert placet.wait_for_approval(LATEST, 0.2).verdict == "timed_out"


def test_each_state_is_told_once(placet: Any, service: Any, says: Any) -> None:
    states(service, says, "pending", "pending", "pending", "rejected")
    told: list[str] = []
    placet.wait_for_approval(SIGN_OFF, 60, told.append)
    assert len(told) == 2


def test_state_that_lasts_is_told_again_every_minute(placet: Any, service: Any, says: Any) -> None:
    clock = Clock()
    states(service, says, "pending")

    def half_a_minute(_: Any) -> Any:
        clock.seconds += 30.0
        return says(200, AWAITED)

    service.by_path[f"/v1/sign-offs/{ID}/wait"] = half_a_minute
    told: list[str] = []
    assert placet.wait_for_approval(SIGN_OFF, 140, told.append, clock).verdict == "timed_out"
    state = f"sign-off {ID} is pending, 1 of 2 have signed"
    assert told == [state, f"{state} (waiting for 1 min)", f"{state} (waiting for 2 min)"]


@pytest.mark.parametrize("away", ["proxy", "busy", "starting"])
def test_first_question_is_as_patient_as_the_last(placet: Any, service: Any, says: Any, problem: Any, model: Any, away: str) -> None:
    clock = Clock()
    answers = {"proxy": says(502, "<html>"), "busy": problem(429, "busy"), "starting": problem(500, "internal_error")}
    left = [answers[away]]

    def names(_: Any) -> Any:
        clock.seconds += 300.0
        return left.pop() if left else says(200, model)

    service.by_path["/v1/models/by-name/fraud"] = names
    service.by_path["/v1/models/m/versions/3"] = lambda _: problem(404, "version_not_found")
    with pytest.raises(Problem, match="version_not_found"):
        placet.wait_for_approval(BY_NAME, 3_600, clock=clock)
    assert left == []


@pytest.mark.parametrize("code", ["unknown_environment", "unknown_version"])
def test_question_about_what_does_not_exist_ends_the_wait_at_once(placet: Any, service: Any, says: Any, code: str) -> None:
    service.by_path["/v1/sign-offs"] = lambda _: says(200, {"items": [], "next_cursor": None})
    denied = a_decision("deny", reasons=[a_reason(code, "question"), a_reason("not_signed_off")])
    service.by_path["/v1/gate"] = lambda _: says(200, denied)
    with pytest.raises(Missing, match=f"^It is {code}.$") as caught:
        placet.wait_for_approval(LATEST, 86_400)
    assert (caught.value.exit_code_of_question, caught.value.resolve) == (4, "Ask people.")


def test_environment_that_has_not_arrived_at_the_gate_yet_is_waited_for(placet: Any, service: Any, says: Any) -> None:
    service.by_path["/v1/sign-offs"] = lambda _: says(200, {"items": [], "next_cursor": None})
    behind = a_decision("deny", decided=False, reasons=[a_reason("unknown_environment", "question"), a_reason("stale", "knowledge")])
    answers = [says(200, behind), says(200, a_decision()), says(201, a_decision())]
    service.by_path["/v1/gate"] = lambda _: answers.pop(0)
    assert placet.wait_for_approval(LATEST, 60).verdict == "approved"
