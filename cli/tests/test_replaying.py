"""What is said of a replay, in lines that fit, and that a policy is applied without it."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from placet.applying import Checked
from placet.commands.apply import _with_replay
from placet.documents import NamedText
from placet.printing.policy_replay import replay_in_words
from placet.replaying import replay_of
from placet_client import ClientError
from placet_client.answers.policies import (
    AskedRoles,
    CheckedDocument,
    PersonAsked,
    Policy,
    PolicyReplay,
    ReplayCount,
    ReplayedExample,
    ReplayedReason,
)
from placet_client.answers.verification import PlanPreview

AT = datetime(2026, 6, 1, tzinfo=UTC)


def an_example(outcome: str, *reasons: str, **more: Any) -> ReplayedExample:
    found = tuple(ReplayedReason(reason="role_missing", detail=reason) for reason in reasons)
    facts = {"sign_off_id": "01a22110-f5f8-77eb-884e-a1a9bcff7099", "model_id": "m", "model": "fraud", "number": 3, "state": "approved"}
    return ReplayedExample(**{**facts, "outcome": outcome, "requested_at": AT, "decided_at": AT, "reasons": found, **more})


def a_replay(**more: Any) -> PolicyReplay:
    counts = dict.fromkeys(
        ("replayed", "same", "blocked", "delayed", "let_through", "not_known", "shorter_validity", "longer_validity", "ended_by_now",
         "without_people"), 0)  # fmt: skip
    return PolicyReplay(**{"environment": "prod", "since": AT, "complete": True, **counts, **more})


def test_replay_is_told_by_outcome_with_reasons_an_example_of_each_and_who_is_asked_more_often() -> None:
    found = a_replay(
        replayed=14, same=2, blocked=7, delayed=4, let_through=1, complete=False, shorter_validity=3, ended_by_now=2, without_people=1,
        reasons=(ReplayCount(reason="verification_stale", effect="blocked", sign_offs=7),),
        examples=(
            an_example("blocked", "evidence was 31 days old", "no trainer was named"),
            an_example("blocked", "evidence was 33 days old"),
            an_example("delayed", "ran in test for less than the soak time", waits_at_least_seconds=7200),
            an_example("let_through", state="rejected"),
        ),
        roles=(
            AskedRoles(any_of=("reviewer",), feedback=False, then=14, with_draft=28),
            AskedRoles(any_of=("sre",), feedback=True, then=0, with_draft=14),
            AskedRoles(any_of=("risk-officer",), feedback=False, then=14, with_draft=0),
        ),
        people=(PersonAsked(person_id="p", name="erin", signed=3, may_be_asked=9, must_be_asked=2),),
    )  # fmt: skip
    assert list(replay_in_words(found)) == [
        "history: the newest 14 sign-offs for prod since 2026-06-01 replayed under the draft",
        "  7 blocked, 4 delayed, 1 let through, 2 as they were",
        "  because: verification stale 7",
        "  fraud/3 blocked: evidence was 31 days old; no trainer was named",
        "    sign-off 01a22110-f5f8-77eb-884e-a1a9bcff7099",
        "  fraud/3 delayed: ran in test for less than the soak time (2 h more at least)",
        "    sign-off 01a22110-f5f8-77eb-884e-a1a9bcff7099",
        "  fraud/3 let through: it is rejected, and all that the draft asks for was there",
        "    sign-off 01a22110-f5f8-77eb-884e-a1a9bcff7099",
        "  asked more often: reviewer 14 → 28, sre (feedback) 0 → 14",
        "  may be asked more often: erin (9 beside 3 signed, 2 × not to be spared)",
        "  for 1 of them too few people hold the roles today",
        "  approved 3 for a shorter time; 2 in force now would be over",
    ]


def test_environment_without_a_past_has_one_line() -> None:
    assert list(replay_in_words(a_replay())) == ["history: no sign-off for prod since 2026-06-01"]


def test_name_of_a_model_does_not_steer_the_terminal() -> None:
    said = "\n".join(replay_in_words(a_replay(replayed=1, blocked=1, examples=(an_example("blocked", "\x1b[2J", model="\x1b]0;x\x07"),))))
    assert "\x1b" not in said
    assert "\x07" not in said


def a_policy(sha256: str, current: str | None = "1") -> Checked:
    answer = CheckedDocument(environment="prod", sha256=sha256, takes_effect="next")
    before = current and Policy(
        policy_id="p",
        environment="prod",
        version=1,
        sha256=current,
        mode="prevent",
        takes_effect="next",
        defined_by="d",
        defined_at=AT,
    )
    return Checked(NamedText("a.yaml", "kind: Policy"), "policy", answer, before or None)


def placet_that(replays: Any) -> Any:
    return SimpleNamespace(approval=SimpleNamespace(replay_policy=replays))


def test_only_policies_that_change_something_are_replayed() -> None:
    asked: list[str] = []
    placet = placet_that(asked.append)
    plan = PlanPreview(name="p", takes_effect="next", sha256="0", changed=True, models_in_all=0, complete=True)
    for one in (a_policy("1"), Checked(NamedText("b", "kind: Plan"), "plan", plan)):
        assert replay_of(placet, one) is None
    assert asked == []
    replay_of(placet, a_policy("2"))
    replay_of(placet, a_policy("2", current=None))
    assert asked == ["kind: Policy", "kind: Policy"]


def test_replay_that_fails_is_warned_of_and_keeps_nothing_from_being_applied(capsys: pytest.CaptureFixture[str]) -> None:
    def fails(text: str) -> PolicyReplay:
        raise ClientError("approval-service did not answer in time.")

    assert replay_of(placet_that(fails), a_policy("2")) is None
    said = capsys.readouterr().err
    assert "history was not replayed: approval-service did not answer in time." in said
    assert "--no-replay" in said


def test_json_has_the_whole_replay_beside_the_answer() -> None:
    found: Any = SimpleNamespace(raw={"replayed": 14})
    assert _with_replay(a_policy("2"), {"sha256": "2"}, {"the policy for prod": found}) == {"sha256": "2", "replay": {"replayed": 14}}
    assert _with_replay(a_policy("2"), {"sha256": "2"}, {}) == {"sha256": "2"}
