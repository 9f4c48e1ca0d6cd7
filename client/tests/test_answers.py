"""Typed answers of services that are older or newer than the client."""

from datetime import UTC, datetime
from typing import Any

import pytest

from placet_client import ClientError, ExitCode, Missing, NotSignedIn, Problem, Unintelligible, Unreachable
from placet_client.answers.answer import Page, read
from placet_client.answers.gate import Decision, Validity
from placet_client.answers.registry import Model
from placet_client.identifiers import new_id


def test_answer_is_typed(placet: Any, service: Any, says: Any, model: Any) -> None:
    service.next = [says(200, model)]
    found = placet.registry.model("fraud")
    assert (found.name, found.description, found.tags) == ("fraud", None, {})
    assert found.changed_at == datetime(2026, 11, 23, 14, 5, 9, 1, tzinfo=UTC)
    with pytest.raises(AttributeError):
        found.name = "other"


def test_member_that_is_not_known_is_passed_over_and_kept_raw(placet: Any, service: Any, says: Any, model: Any) -> None:
    newer = {**model, "mood": {"today": "good"}}
    service.next = [says(200, newer), says(200, {"items": [newer], "next_cursor": None, "of": 1})]
    assert placet.registry.model("fraud").raw == newer
    page = placet.registry.models(1)
    assert (page.raw["of"], page.items[0].raw) == (1, newer)


def test_answer_without_a_member_that_it_needs_is_unintelligible(placet: Any, service: Any, says: Any, model: Any) -> None:
    service.next = [says(200, {**model, "name": None})]
    with pytest.raises(Unintelligible, match=r"\$\.name"):
        placet.registry.model("fraud")


def test_answer_that_a_test_makes_has_its_members_raw() -> None:
    assert Validity(decision_id="d", holds=True, decided=True).raw["decision_id"] == "d"


def test_answers_in_an_array_are_each_kept_raw() -> None:
    model = b'{"id": "m", "name": "fraud", "registered_by": "p", "registered_at": "%b", "changed_at": "%b", "revision": 1, "new": 2}'
    at = b"2026-11-23T14:05:09Z"
    (found,) = read(b"[" + model % (at, at) + b"]", tuple[Model, ...])
    assert found.raw["new"] == 2
    assert read(b"{}", Page[Model]).items == ()


@pytest.mark.parametrize(
    ("decided", "allowed", "code"), [(True, True, ExitCode.YES), (True, False, ExitCode.NO), (False, False, ExitCode.CANNOT_TELL)]
)
def test_decision_has_the_exit_code_of_the_gate(decided: bool, allowed: bool, code: ExitCode) -> None:
    assert Decision(verdict="deny", allowed=allowed, decided=decided).exit_code is code


@pytest.mark.parametrize(
    ("error", "code", "of_question"),
    [
        (NotSignedIn("x"), ExitCode.USAGE, ExitCode.USAGE),
        (Missing("x"), ExitCode.NO, ExitCode.CANNOT_TELL),
        (Unreachable("x"), ExitCode.CANNOT_TELL, ExitCode.CANNOT_TELL),
        (Unintelligible("x"), ExitCode.CANNOT_TELL, ExitCode.CANNOT_TELL),
        (Problem(403, {}), ExitCode.NO, ExitCode.CANNOT_TELL),
        (Problem(422, {}), ExitCode.NO, ExitCode.USAGE),
        (Problem(503, {}), ExitCode.CANNOT_TELL, ExitCode.CANNOT_TELL),
    ],
    ids=str,
)
def test_error_has_an_exit_code(error: ClientError, code: ExitCode, of_question: ExitCode) -> None:
    assert (error.exit_code, error.exit_code_of_question) == (code, of_question)


def test_identifiers_are_uuids_of_version_7_that_sort_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter((1_700_000_000_000_000_000, 1_700_000_000_001_000_000))
    monkeypatch.setattr("time.time_ns", lambda: next(times))
    first, second = new_id(), new_id()
    assert first < second
    assert (first[14], first[19] in "89ab") == ("7", True)
