import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.postgres


@pytest.fixture
def register(installation: Any, artifact: Any) -> Any:
    """`placet register` by alice; the version that it tells."""

    def register_version(model: str, content: bytes, *words: object) -> Any:
        answer = installation.placet("alice", "register", model, artifact(model, content), "--json", *words)
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    return register_version


def test_whoami_says_what_the_holder_may_do(installation: Any) -> None:
    answer = installation.placet("alice", "whoami")
    assert answer.returncode == 0, answer.stderr
    assert "alice" in answer.stdout
    assert "register models" in answer.stdout


def test_version_is_registered_with_artifact_and_lineage(installation: Any, register: Any) -> None:
    words = ["--trained-by", "alice", "--metric", "auc=0.91", "--param", "C=0.5", "--param", "solver=lbfgs", "--description", "For tests."]
    version = register("lineage", b"bytes", *words)
    assert (version["number"], version["artifact"]["sha256"]) == (1, hashlib.sha256(b"bytes").hexdigest())
    shown = installation.placet("bob", "versions", "show", "lineage/1").stdout
    for text in ("alice", "auc=0.91", "C=0.5, solver=lbfgs", version["artifact"]["sha256"]):
        assert text in shown
    assert "For tests." in installation.placet("bob", "models", "show", "lineage").stdout


def test_data_are_added_to_the_lineage_by_file_by_digest_and_by_name(installation: Any, register: Any, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(b"a,b\n1,2\n")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    register("with-data", b"model")
    assert installation.placet("alice", "datasets", "add", file, "--name", "command-rows", "--role", "test").returncode == 0
    named = [f"train={file}", "test=command-rows/1", f"reference={'f' * 64}"]
    options = [word for one in named for word in ("--data", one)]
    added = installation.placet("alice", "versions", "add-lineage", "with-data/1", *options, "--json")
    assert added.returncode == 0, added.stderr
    roles = {"train": digest, "test": digest, "reference": "f" * 64}
    assert {one["role"]: one["sha256"] for one in json.loads(added.stdout)["data"]} == roles
    unknown = installation.placet("alice", "versions", "add-lineage", "with-data/1", "--data", "train=no-such-rows")
    assert (unknown.returncode, "no-such-rows" in unknown.stderr) == (1, True)
    nothing = installation.placet("alice", "versions", "add-lineage", "with-data/1")
    assert nothing.returncode == 2


def test_registering_the_same_bytes_again_changes_nothing(installation: Any, register: Any) -> None:
    first, again, other = register("again", b"one"), register("again", b"one"), register("again", b"two")
    assert (first["is_new"], again["is_new"], other["is_new"]) == (True, False, True)
    assert first["id"] == again["id"]
    assert other["number"] == 2
    listed = json.loads(installation.placet("bob", "versions", "list", "again", "--json").stdout)["items"]
    assert [version["number"] for version in listed] == [2, 1]


def test_model_alone_is_registered_without_a_file(installation: Any) -> None:
    assert installation.placet("alice", "register", "alone").returncode == 0
    assert "already" in installation.placet("alice", "register", "alone").stdout
    assert "alone" in installation.placet("bob", "models").stdout


def test_tags_are_set_and_removed_and_governance_tags_only_by_an_admin(installation: Any) -> None:
    installation.placet("alice", "register", "tagged")
    assert installation.placet("alice", "models", "tag", "tagged", "org/team=risk").stdout == "tagged: org/team=risk\n"
    refused = installation.placet("alice", "models", "tag", "tagged", "governance/risk=low")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "only an admin" in refused.stderr
    assert "governance/risk=high" in installation.placet("dora", "models", "tag", "tagged", "governance/risk=high").stdout
    assert installation.placet("alice", "models", "untag", "tagged", "governance/risk").returncode == 1
    assert installation.placet("alice", "models", "untag", "tagged", "org/team").stdout == "tagged: governance/risk=high\n"
    assert installation.placet("dora", "models", "untag", "tagged", "governance/risk").stdout == "tagged: no tags\n"


def test_refusal_tells_the_role_that_may(installation: Any) -> None:
    answer = installation.placet("bob", "register", "forbidden")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "developer" in answer.stderr


def test_unknown_person_is_refused_with_the_field(installation: Any, artifact: Any) -> None:
    answer = installation.placet("alice", "register", "strangers", artifact("strangers"), "--trained-by", "mallory")
    assert answer.returncode == 1
    assert "lineage.trained_by.0 = 'mallory'" in answer.stderr
    assert "→" in answer.stderr


def test_upload_prints_the_digest(installation: Any, artifact: Any) -> None:
    file = artifact("blob", b"blob")
    for _ in range(2):
        assert installation.placet("alice", "upload", file).stdout.strip() == hashlib.sha256(b"blob").hexdigest()


def test_name_of_a_model_is_shown_as_it_is_not_obeyed(installation: Any) -> None:
    assert installation.placet("alice", "register", "[bold]x[", "--description", "\x1b[31mred").returncode == 0
    shown = installation.placet("bob", "models", "show", "[bold]x[").stdout
    assert "[bold]x[" in shown
    assert "\x1b[31m" not in shown


def test_token_is_issued_into_a_file_and_works_until_it_is_revoked(installation: Any, tmp_path: Any) -> None:
    file = tmp_path / "bob.token"
    issued = json.loads(installation.placet("dora", "tokens", "issue", "bob", "--into", file, "--json").stdout)
    assert file.stat().st_mode & 0o777 == 0o600
    assert issued["token"] is None
    (installation.folder.tokens / "second.token").write_text(file.read_text())
    assert '"bob"' in installation.placet("second", "whoami", "--json").stdout
    assert installation.placet("bob", "tokens", "revoke", issued["token_id"], "--reason", "lost").returncode == 0
    refused = installation.placet("second", "whoami")
    assert refused.returncode == 1
    assert "revoked" in refused.stderr


def test_person_is_added_with_roles_and_deactivated(installation: Any) -> None:
    assert installation.placet("dora", "people", "add", "frank", "--role", "reviewer").returncode == 0
    assert installation.placet("dora", "people", "roles", "frank", "--role", "risk-officer").returncode == 0
    frank = json.loads(installation.placet("alice", "people", "show", "frank", "--json").stdout)
    assert frank["roles"] == ["risk-officer"]
    assert installation.placet("dora", "people", "deactivate", "frank").returncode == 0
    assert "inactive" in installation.placet("alice", "people", "show", "frank").stdout


def test_mistyped_name_of_a_model_is_answered_with_the_one_that_was_meant(installation: Any) -> None:
    installation.placet("alice", "register", "mortgage")
    assert "Did you mean mortgage?" in installation.placet("bob", "models", "show", "morgtage").stderr


def test_service_account_is_added_with_its_token_and_deactivated(installation: Any) -> None:
    added = installation.placet("dora", "accounts", "add", "nightly", "--role", "pipeline")
    assert added.returncode == 0, added.stderr
    (installation.folder.tokens / "nightly.token").write_text(added.stdout)
    assert "nightly" in installation.placet("nightly", "whoami").stdout
    assert "pipeline" in installation.placet("alice", "accounts").stdout
    assert "nightly" in installation.placet("alice", "accounts", "list", "-q").stdout.split()
    assert "auditor" in installation.placet("dora", "accounts", "roles", "nightly", "--role", "auditor").stdout
    refused = installation.placet("dora", "accounts", "add", "signer", "--role", "reviewer")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert installation.placet("dora", "accounts", "deactivate", "nightly").returncode == 0
    assert installation.placet("nightly", "whoami").returncode == 1


def test_environments_are_listed_in_their_order(installation: Any) -> None:
    listed = json.loads(installation.placet("alice", "environments", "--json").stdout)["items"]
    assert [environment["name"] for environment in listed][:3] == ["dev", "test", "prod"]
