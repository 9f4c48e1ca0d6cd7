"""The commands that help are named below an error and below a no."""

from typing import Any

import pytest

from placet_client.answers.gate import Reason
from placet_client.printing.errors import show_error
from placet_client.printing.next_commands import after_error, after_reasons, resolve_of
from placet_client.problems import ClientError, Problem, Unreachable


def a_problem(code: str, resolve: str | None = None) -> Problem:
    return Problem(404, {"code": code, "detail": "It is so.", "resolve": resolve})


def test_ids_that_a_problem_names_are_put_in() -> None:
    refused = Problem(409, {"code": "verification_failed", "detail": "It is so.", "resolve": "Read the report.", "facts": {"run_id": "r"}})
    assert after_error(refused) == "see: placet runs show r, placet explain verification_failed"


def a_reason(code: str, topic: str = "policy", **facts: Any) -> Reason:
    return Reason(code=code, detail="It is so.", resolve="Do this.", topic=topic, facts=facts)


@pytest.mark.parametrize("value", ["r; reboot", "$(reboot)", "", 7, None])
def test_what_is_no_id_is_not_put_into_a_command(value: Any) -> None:
    refused = Problem(409, {"code": "verification_failed", "detail": "It is so.", "facts": {"run_id": value}})
    assert "`placet runs show ID`" in str(resolve_of(refused))
    assert after_reasons([a_reason("verification_failed", run_id=value)]) == "read why: placet explain verification_failed"


def test_problem_without_advice_gets_that_of_its_code() -> None:
    assert "`placet models list`" in str(resolve_of(a_problem("model_not_found")))
    assert after_error(a_problem("model_not_found")) is None


def test_commands_that_a_service_s_advice_does_not_name_are_added() -> None:
    assert after_error(a_problem("token_invalid", "Ask an admin for a new one.")) == (
        "see: placet whoami, placet tokens issue NAME, placet explain token_invalid"
    )
    named = "Try `placet whoami`, then `placet tokens issue NAME`."
    assert after_error(a_problem("token_invalid", named)) is None


@pytest.mark.parametrize(
    "error", [a_problem("of_a_later_release", "Do this."), a_problem(""), ClientError("No.")], ids=["code", "none", "own"]
)
def test_what_is_not_known_adds_nothing(error: ClientError) -> None:
    assert after_error(error) is None
    assert resolve_of(error) == error.resolve


def test_service_that_is_away_leads_to_the_state_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    show_error(Unreachable("approval-service can't be reached.", "Start it."))
    assert capsys.readouterr().err.splitlines()[-1].strip() == "see: placet status"


def test_reasons_lead_to_what_they_name_each_once() -> None:
    reasons = [a_reason("rejected", sign_off_id="s"), a_reason("verification_failed", run_id="r"), a_reason("invalidated", sign_off_id="s")]
    assert after_reasons(reasons) == "read why: placet signoff show s, placet runs show r"


def test_reasons_that_name_nothing_lead_to_what_their_codes_mean() -> None:
    assert after_reasons([a_reason("no_policy")]) == "read why: placet explain no_policy"
    assert after_reasons([a_reason("stale", "knowledge", source="registry")]) == "read why: placet status"
    assert after_reasons([a_reason("of_a_later_release")]) is None
    assert after_reasons([]) is None
