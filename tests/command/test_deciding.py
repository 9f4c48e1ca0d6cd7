import json
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.postgres

WHY = ("--rationale", "It holds on the December data.")
TEST = ("--environment", "test")
PROD = b"kind: Policy\nenvironment: prod\nsignatures: [{role: reviewer}, {role: risk-officer}]\nevidence: {verification: {max_age: 30d}}\n"


@pytest.fixture
def requested(alice: Any, register: Any) -> Any:
    """A version whose sign-off for test is open; gives the sign-off's id."""

    def request(model: str) -> str:
        return str(alice.approval.request_sign_off(register(model).id, "test", WHY[1]).id)

    return request


def test_sign_off_right_after_registering_meets_no_puzzling_refusal(installation: Any, artifact: Any) -> None:
    assert installation.placet("alice", "register", "at-once", artifact("at-once"), "--trained-by", "alice").returncode == 0
    answer = installation.placet("alice", "signoff", "request", "at-once", 1, *TEST, *WHY, "--quiet")
    assert (answer.returncode, answer.stderr) == (0, "")
    sign_off = answer.stdout.strip()
    listed = json.loads(installation.placet("bob", "signoff", "list", "--mine", "--json").stdout)
    assert sign_off in [one["id"] for one in listed["items"]]
    assert installation.placet("bob", "signoff", "list", "--mine", "-q").stdout.split() == [one["id"] for one in listed["items"]]
    assert yaml.safe_load(installation.placet("bob", "signoff", "list", "--mine", "--output", "yaml").stdout) == listed


def test_pipeline_that_waits_goes_on_when_a_person_signs(installation: Any, requested: Any) -> None:
    sign_off = requested("awaited")
    waiting = installation.start_placet("ci", "wait", "awaited", 1, *TEST, "--timeout", 120, "--json")
    assert "is pending" in waiting.stderr.readline()
    signed = installation.placet("bob", "signoff", "approve", sign_off, *WHY)
    assert signed.returncode == 0, signed.stderr
    out, err = waiting.communicate()
    assert waiting.returncode == 0, err
    outcome = json.loads(out)
    assert outcome["verdict"] == "approved"
    assert outcome["decision"]["id"]
    deployed = installation.placet("ci", "deploy", "awaited/1", *TEST)
    assert deployed.returncode == 0, deployed.stderr


def test_trail_shows_what_was_done_and_refused(installation: Any, requested: Any) -> None:
    sign_off = requested("on-record")
    assert installation.placet("alice", "signoff", "approve", sign_off, *WHY).returncode == 1
    assert installation.placet("bob", "signoff", "approve", "on-record/1", *TEST, *WHY).returncode == 0
    assert installation.placet("ci", "gate", "on-record/1", *TEST, "--record").returncode == 0
    assert installation.placet("ci", "deployments", "report", "on-record", 1, *TEST).returncode == 0
    trail = installation.placet("erin", "audit", "timeline", "--model", "on-record", "--json")
    acts = [(act["type"], act["result"]) for act in json.loads(trail.stdout)["items"]]
    for act in [("ModelRegistered", "done"), ("VersionRegistered", "done"), ("ActionRefused", "refused"), ("ApprovalGranted", "done")]:
        assert act in acts
    assert acts.index(("ModelRegistered", "done")) < acts.index(("ApprovalGranted", "done"))
    now = installation.placet("erin", "audit", "as-of", *TEST, "--model", "on-record")
    assert now.returncode == 0, now.stderr
    assert "bob (reviewer)" in now.stdout
    assert "in force" in now.stdout
    assert installation.placet("bob", "signoff", "revoke", "on-record/1", *TEST, *WHY).returncode == 0
    denied = installation.placet("ci", "deploy", "on-record/1", *TEST)
    assert (denied.returncode, "Reported" in denied.stdout) == (1, False)
    assert "revoked" in denied.stderr
    anyway = installation.placet("ci", "deploy", "on-record/1", *TEST, "--anyway")
    assert (anyway.returncode, "unapproved" in anyway.stdout) == (0, True)
    reported = installation.placet("ci", "deployments", "report", "on-record/1", *TEST)
    assert (reported.returncode, "unapproved" in reported.stdout) == (0, True)
    listed = json.loads(installation.placet("erin", "deployments", "list", *TEST, "--model", "on-record", "--json").stdout)
    assert [one["approval"] for one in listed["items"]] == [{"when_reported": "unapproved", "now": "unapproved"}]
    now = installation.placet("erin", "audit", "as-of", *TEST, "--model", "on-record")
    assert "revoked; unapproved when it was deployed" in now.stdout
    for words in (["--actor", "bob"], ["--version", "1"], ["--type", "ApprovalGranted"], ["--result", "refused"]):
        assert installation.placet("erin", "audit", "timeline", "--model", "on-record", *words).stdout
    nowhere = installation.placet("erin", "audit", "timeline", *TEST, "--result", "refused")
    assert (nowhere.stdout, "names no environment" in nowhere.stderr) == ("", True)


def test_wait_on_a_rejected_sign_off_ends_with_1(installation: Any, requested: Any) -> None:
    sign_off = requested("rejected")
    assert installation.placet("carol", "signoff", "reject", sign_off, *WHY).returncode == 0
    assert installation.placet("ci", "wait", sign_off).returncode == 1
    assert installation.placet("ci", "wait", "rejected/1", *TEST).returncode == 1


def test_wait_on_an_approval_that_was_revoked_ends_with_1(installation: Any, requested: Any) -> None:
    sign_off = requested("revoked")
    assert installation.placet("bob", "signoff", "approve", sign_off, *WHY).returncode == 0
    assert installation.placet("dora", "signoff", "revoke", sign_off, *WHY).returncode == 0
    assert installation.placet("ci", "wait", sign_off).returncode == 1
    assert installation.placet("ci", "gate", "revoked/1", *TEST).returncode == 1


def test_wait_without_a_decision_ends_with_3(installation: Any, requested: Any) -> None:
    assert installation.placet("ci", "wait", requested("ignored"), "--timeout", 0.5).returncode == 3


def test_wait_on_an_unregistered_model_can_not_decide(installation: Any) -> None:
    answer = installation.placet("ci", "wait", "nothing", 1, *TEST)
    assert answer.returncode == 4
    assert "model_not_found" in answer.stderr


def test_wait_for_an_environment_that_does_not_exist_ends_at_once_with_4(installation: Any, register: Any) -> None:
    register("lost")
    answer = installation.placet("ci", "wait", "lost/1", "--environment", "moon")
    assert (answer.returncode, answer.stdout) == (4, "")
    assert "There is no environment moon." in answer.stderr


def test_gate_denies_with_reasons_and_advice(installation: Any, requested: Any) -> None:
    requested("denied")
    answer = installation.placet("ci", "gate", "denied", 1, *TEST)
    assert answer.returncode == 1
    assert "denied" in answer.stdout
    assert "awaiting_signatures" in answer.stderr
    assert "→" in answer.stderr


def test_gate_on_an_unregistered_digest_denies(installation: Any) -> None:
    answer = installation.placet("ci", "gate", "--digest", "0" * 64, *TEST, "--json")
    assert answer.returncode == 1
    assert [reason["code"] for reason in json.loads(answer.stdout)["reasons"]] == ["unknown_digest"]


def test_gate_on_a_digest_that_is_none_is_a_usage_error(installation: Any) -> None:
    assert installation.placet("ci", "gate", "--digest", "latest", *TEST).returncode == 2


def test_gate_of_an_open_environment_allows(installation: Any, register: Any) -> None:
    register("open")
    assert installation.placet("ci", "gate", "open/1", "--environment", "dev", "--strict").returncode == 0
    assert installation.placet("ci", "wait", "open/1", "--environment", "dev").returncode == 0


def test_warning_ends_with_0_and_with_5_when_strict(installation: Any, register: Any, artifact: Any) -> None:
    assert installation.placet("dora", "environments", "define", "lenient", "--after", "prod").returncode == 0
    lenient = b"kind: Policy\nenvironment: lenient\nmode: warn\nsignatures:\n  - role: reviewer\nprevious_environment: optional\n"
    assert installation.placet("dora", "apply", "-f", artifact("lenient.yaml", lenient)).returncode == 0
    register("warned")
    answer = installation.placet("ci", "gate", "warned/1", "--environment", "lenient")
    assert answer.returncode == 0, answer.stderr
    assert "warning" in answer.stderr
    assert installation.placet("ci", "gate", "warned/1", "--environment", "lenient", "--strict").returncode == 5


def test_refused_signature_reads_like_advice(installation: Any, requested: Any) -> None:
    sign_off = requested("own")
    refused = installation.placet("alice", "signoff", "approve", sign_off, *WHY)
    assert refused.returncode == 1
    assert "[separation_of_duties]" in refused.stderr
    assert "because: [" in refused.stderr
    assert "Ask a person who had no part in it" in refused.stderr


def test_everything_that_was_said_is_shown(installation: Any, requested: Any) -> None:
    requested("said")
    assert installation.placet("bob", "signoff", "comment", "said/1", *TEST, "--text", "What of new customers?").returncode == 0
    shown = installation.placet("carol", "signoff", "show", "said/1", *TEST).stdout
    for text in ("pending", "1 × reviewer or risk-officer", "What of new customers?", "It holds on the December data."):
        assert text in shown
    assert installation.placet("alice", "signoff", "withdraw", "said/1", *TEST).returncode == 0


def test_missing_sign_off_is_answered_with_how_to_request(installation: Any, register: Any) -> None:
    register("unrequested")
    answer = installation.placet("bob", "signoff", "show", "unrequested/1", *TEST)
    assert answer.returncode == 1
    assert "placet signoff request unrequested/1" in answer.stderr


def test_wrong_policy_is_shown_with_its_lines(installation: Any, artifact: Any) -> None:
    wrong = b"kind: Policy\nenvironment: prod\nmode: maybe\nsignatures:\n  - role: reviewer\n    count: 0\n"
    answer = installation.placet("dora", "apply", "-f", artifact("policy.yaml", wrong))
    assert answer.returncode == 1
    assert "3 | mode: maybe" in answer.stderr
    assert "6 |     count: 0" in answer.stderr


def test_policy_is_applied_once(installation: Any) -> None:
    assert installation.placet("dora", "environments", "define", "staging", "--after", "test").returncode == 0
    policy = "kind: Policy\nenvironment: staging\nsignatures:\n  - role: reviewer\n    count: 2\n"
    checked = installation.placet("alice", "apply", "-f", "-", "--dry-run", told=policy)
    assert "could be defined" in checked.stdout
    assert "the people there are could give 1" in checked.stderr
    assert "is now version 1" in installation.placet("dora", "apply", "-f", "-", told=policy).stdout
    assert "already" in installation.placet("dora", "apply", "-f", "-", told=policy).stdout
    assert "2 × reviewer" in installation.placet("alice", "policies").stdout
    assert "requester" in installation.placet("alice", "policies", "show", "staging").stdout


def test_folder_is_applied_as_a_whole_or_not_at_all(installation: Any, tmp_path: Any) -> None:
    assert installation.placet("dora", "environments", "define", "canary", "--after", "test").returncode == 0
    (tmp_path / "deep").mkdir()
    (tmp_path / "a-policy.yaml").write_text("kind: Policy\nenvironment: canary\nsignatures:\n  - role: reviewer\n    count: 1\n")
    plan = "kind: Plan\nname: in-canary\nenvironments: [canary]\nchecks:\n  - {id: safe, check: artifact_safety}\n"
    (tmp_path / "deep/plan.yml").write_text(plan.replace("checks", "cheks"))
    refused = installation.placet("dora", "apply", "-f", tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert ("did you mean `checks`" in refused.stderr, "nothing was defined" in refused.stderr) == (True, True)
    assert "canary" not in installation.placet("dora", "policies").stdout
    (tmp_path / "deep/plan.yml").write_text(plan)
    applied = installation.placet("dora", "apply", "-f", tmp_path).stdout.splitlines()
    assert applied == [
        "The plan in-canary for canary is now version 1.",
        "The policy for canary is now version 1.",
        "2 documents: 2 changed something, 0 said the same already.",
    ]


def test_machine_tries_a_version_by_the_plan(
    installation: Any, register: Any, plan: Any, dataset: Any, artifact: Any, good_model: bytes, bad_model: bytes
) -> None:
    sha256 = installation.placet("alice", "upload", dataset).stdout.strip()
    assert installation.placet("dora", "apply", "-f", plan("prod", sha256)).returncode == 0
    assert "roc_auc" in installation.placet("alice", "plans", "show", "larger-prod").stdout
    for name, model, code, status in [("good", good_model, 0, "PASS"), ("bad", bad_model, 1, "FAIL"), ("none", b"no ONNX", 4, "evaluated")]:
        register(name, model)
        assert "every model" in installation.placet("alice", "plans", "for", f"{name}/1", "-e", "prod").stdout
        tried = installation.placet("alice", "verify", name, 1, "--environment", "prod")
        assert tried.returncode == code, tried.stderr
        assert status in tried.stdout
    refused = installation.placet("alice", "signoff", "request", "good", 1, "-e", "prod", *WHY)
    assert "[previous_environment_missing]" in refused.stderr
    assert "→ Request it first: `placet signoff request MODEL/NUMBER -e " in refused.stderr
    alone = PROD + b"previous_environment: optional\n"
    assert installation.placet("dora", "apply", "-f", artifact("prod.yaml", alone)).returncode == 0
    requested = installation.placet("alice", "signoff", "request", "good", 1, "-e", "prod", *WHY)
    shown = installation.placet("bob", "signoff", "show", requested.stdout.strip())
    for text in (
        "roc_auc",
        "(1 to 1)",
        "PASS",
        "trained by:  ",
        "alice: requester",
        f"unnamed data {sha256} (evaluation)",
        "placet runs report",
    ):
        assert text in shown.stdout, shown.stdout + shown.stderr


def test_people_try_rows_of_their_own(installation: Any, register: Any, plan: Any, dataset: Any, good_model: bytes, tmp_path: Any) -> None:
    sha256 = installation.placet("alice", "upload", dataset).stdout.strip()
    assert installation.placet("dora", "apply", "-f", plan("prod", sha256)).returncode == 0
    register("tried", good_model)
    where = ("tried/1", "-e", "prod", "--plan", "larger-prod")
    one = installation.placet("bob", "try", *where, "--row", "a=3,b=5")
    assert one.returncode == 0, one.stderr
    assert one.stdout.startswith("prediction: 0 (1: 0.1192)")
    assert "would be 1 (" in one.stdout
    (tmp_path / "rows.csv").write_text("a,b\n3,5\n5,3\n")
    several = installation.placet("erin", "try", *where, "--rows", tmp_path / "rows.csv", "--json")
    rows = json.loads(several.stdout)["tried"]["rows"]
    assert [row["prediction"]["class"] for row in rows] == ["0", "1"]
    wrong = installation.placet("bob", "try", *where, "--row", "a=three,b=5")
    assert wrong.returncode == 1
    assert "rows.0.a = 'three': a finite number" in wrong.stderr
    register("not-tried", b"no ONNX")
    assert installation.placet("bob", "try", "not-tried/1", "-e", "prod", "--plan", "larger-prod", "--row", "a=1,b=2").returncode == 4


def test_rollback_names_the_last_version_that_the_gate_allows(installation: Any, register: Any, artifact: Any) -> None:
    register("rolled")
    assert installation.placet("ci", "rollback", "rolled", *TEST).returncode == 1
    for number in (1, 2):
        if number == 2:
            newer = artifact("newer")
            assert installation.placet("alice", "register", "rolled", newer, "--format", "other", "--trained-by", "alice").returncode == 0
        for who, act in [("alice", "request"), ("bob", "approve")]:
            assert installation.placet(who, "signoff", act, f"rolled/{number}", *TEST, *WHY).returncode == 0
        assert installation.placet("ci", "deploy", f"rolled/{number}", *TEST).returncode == 0
    shown = installation.placet("ci", "rollback", "rolled", *TEST, "--dry-run")
    assert (shown.returncode, shown.stdout.splitlines()[0]) == (0, "deploy rolled/1 in test")
    answer = installation.placet("ci", "rollback", "rolled", *TEST)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("deploy rolled/1 in test (decision ")
    recorded = json.loads(installation.placet("ci", "rollback", "rolled", *TEST, "--json").stdout)
    assert recorded["chosen"] == recorded["decision"]["version_id"]
    board = installation.placet("bob", "board", "rolled", "-e", "test").stdout
    assert "test deployed" in board, board
    assert json.loads(installation.placet("bob", "board", "roll*", "--json").stdout)["items"][0]["number"] == 2
    assert installation.placet("bob", "signoff", "revoke", "rolled/1", *TEST, *WHY).returncode == 0
    answer = installation.placet("ci", "rollback", "rolled", *TEST)
    assert (answer.returncode, "rolled/1: revoked" in answer.stderr) == (1, True), answer.stderr
