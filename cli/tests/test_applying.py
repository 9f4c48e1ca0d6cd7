"""Documents of files and folders: which are taken, and what is said before any is defined."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer

from placet.applying import check_all, show_check
from placet.commands.apply import _define_all
from placet.documents import NamedText, read_texts
from placet.printing.policy_terms import changed_terms
from placet_client import Problem
from placet_client.answers.policies import CheckedDocument, DefinedPolicy, EnvironmentPolicies, Policy
from placet_client.answers.verification import PlanPreview

PLAN, POLICY = "kind: Plan\nname: {}\n", "kind: Policy\nenvironment: {}\n"


def named(text: str) -> str:
    return text.split()[-1]


OLD: dict[str, Any] = {
    "mode": "prevent",
    "signatures": [{"any_of": ["reviewer"], "count": 1}],
    "evidence": {"verification": None},
    "separation_of_duties": {"exclude": ["requester"]},
    "expires_after_seconds": 86_400,
    "rationale": "required",
}


def policy_of(content: dict[str, Any]) -> Policy:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    return Policy(
        policy_id="p",
        environment="old",
        version=4,
        sha256="1",
        mode="prevent",
        takes_effect="next",
        content=content,
        defined_by="d",
        defined_at=at,
    )


class Services:
    """Know whether a document is right, and note what was defined; `refuses` is refused when it is defined."""

    def __init__(self, refuses: str = "") -> None:
        self.defined: list[str] = []
        self._refuses = refuses
        self.approval = SimpleNamespace(check_policy=self._check_policy, define_policy=self._define, policy=self._policy)
        self.verification = SimpleNamespace(preview_plan=self._preview)

    def _check_policy(self, text: str) -> CheckedDocument:
        if "wrong" in text:
            raise Problem(422, {"code": "document_invalid", "detail": f"{named(text)} is wrong"})
        return CheckedDocument(
            environment=named(text),
            sha256="0",
            takes_effect="immediately",
            content={**OLD, "previous_environment": "required", "soak_seconds": 3600},
        )

    def _policy(self, environment: str) -> EnvironmentPolicies:
        if environment != "old":
            raise Problem(404, {"code": "policy_not_found", "detail": "There is none."})
        return EnvironmentPolicies(environment=environment, current=policy_of(OLD), versions=(policy_of(OLD),), revision=4)

    def _preview(self, text: str) -> PlanPreview:
        return PlanPreview(name=named(text), takes_effect="next", sha256="0", changed=True, models_in_all=0, complete=True)

    def _define(self, text: str) -> DefinedPolicy:
        if named(text) == self._refuses:
            raise Problem(409, {"code": "conflict", "detail": "It has changed."})
        self.defined.append(named(text))
        return DefinedPolicy(id="p", environment=named(text), version=1, sha256="0", takes_effect="next", changed=True)


def test_folder_stands_for_all_yaml_below_it_but_hidden_files_and_placet_yaml(tmp_path: Path) -> None:
    for name in ("b.yml", "a/z.yaml", "a/b.txt", ".git/c.yaml", "a/.d.yaml", "placet.yaml", "c.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    texts = read_texts([str(tmp_path), str(tmp_path / "a/b.txt")])
    assert [Path(text.name).relative_to(tmp_path).as_posix() for text in texts] == ["a/z.yaml", "b.yml", "c.yaml", "a/b.txt"]


def test_folder_without_documents_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter, match=r"no \*\.yaml"):
        read_texts([str(tmp_path)])


def test_plans_come_before_policies_and_each_in_the_order_given() -> None:
    texts = [NamedText(text, text) for text in (POLICY.format("prod"), PLAN.format("b"), POLICY.format("dev"), PLAN.format("a"))]
    placet: Any = Services()
    assert [named(one.source.text) for one in check_all(placet, texts)] == ["b", "a", "prod", "dev"]


def test_every_wrong_document_is_shown_under_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    texts = [NamedText(f"{name}.yaml", POLICY.format(name)) for name in ("wrong1", "fine", "wrong2")]
    placet: Any = Services()
    with pytest.raises(Problem, match="wrong1 is wrong"):
        check_all(placet, texts)
    said = capsys.readouterr().err
    assert [name in said for name in ("wrong1.yaml:", "fine.yaml:", "wrong2.yaml:")] == [True, False, True]


def test_two_documents_about_one_thing_are_refused() -> None:
    texts = [NamedText(f"{number}.yaml", PLAN.format("same")) for number in (1, 2)]
    placet: Any = Services()
    with pytest.raises(Problem, match=r"2\.yaml and 1\.yaml both define the plan same"):
        check_all(placet, texts)


def test_refusal_on_the_way_says_what_was_applied_and_what_not(capsys: pytest.CaptureFixture[str]) -> None:
    placet: Any = Services(refuses="test")
    checked = check_all(placet, [NamedText(name, POLICY.format(name)) for name in ("dev", "test", "prod")])
    with pytest.raises(typer.Exit) as ended:
        _define_all(placet, checked, as_json=False, replays={})
    assert (ended.value.exit_code, placet.defined) == (1, ["dev"])
    assert "1 of 3 documents were applied. Not applied: the policy for test, the policy for prod." in capsys.readouterr().err


def test_policy_of_before_applied_again_shows_in_words_what_it_asks_for_now(capsys: pytest.CaptureFixture[str]) -> None:
    placet: Any = Services()
    for environment in ("old", "new"):
        [one] = check_all(placet, [NamedText("a", POLICY.format(environment))])
        show_check(one)
    assert capsys.readouterr().err.splitlines() == [
        "environment before: nothing → an approval of the same bytes, deployed there for 60 min",
        "takes effect immediately: sign-offs for old under version 4 end, open and approved ones",
        "takes effect immediately: sign-offs of these models that were requested before end, open and approved ones",
    ]


def test_terms_of_the_process_are_told_where_they_change() -> None:
    process: dict[str, Any] = {
        "feedback": [{"group": "risk", "any_of": ["risk-officer"], "count": 1}],
        "in_sequence": True,
        "deadlines": {
            "remind_after_seconds": 172_800,
            "escalate_after_seconds": 432_000,
            "escalate_to": "head",
            "expire_after_seconds": 864_000,
            "calendar": {"working_days": ["mon", "fri"], "holidays": ["2026-12-25"], "time_zone": "UTC"},
        },
        "waivers": {"any_of": ["head"], "for_at_most_seconds": 864_000},
        "review_before_seconds": 864_000,
        "findings": "held",
        "owner": "head",
    }
    assert list(changed_terms(OLD, {**OLD, **process})) == [
        "feedback: nothing → 1 × risk (risk-officer)",
        "order: nothing → signatures in sequence",
        "findings: nothing → held until they are waived",
        "waivers: nothing → head, for at most 10 days",
        "deadlines: nothing → remind after 2 days, escalate to head after 5 days, end after 10 days, "
        "on mon, fri in UTC, without 2026-12-25",
        "a review: nothing → 10 days before the end",
        "owner: nothing → head",
    ]
    moved = {**process["deadlines"], "calendar": {"working_days": ["mon", "fri"], "holidays": [], "time_zone": "UTC"}}
    assert list(changed_terms({**OLD, **process}, {**OLD, **process, "deadlines": moved})) != []
