"""Releases at the command line: what pipelines do with several versions at once."""

import json
from typing import Any

import pytest

pytestmark = pytest.mark.postgres

WHY = ("--rationale", "Both of them hold on the December data.")
TEST = ("--environment", "test")


@pytest.fixture
def requested(installation: Any, register: Any) -> Any:
    """A release for test of a version of each of these models; gives its id."""

    def request(name: str, *models: str) -> str:
        versions = [f"{model}/{register(model, f'{name} {model}'.encode()).number}" for model in models]
        answer = installation.placet("alice", "releases", "request", name, *versions, *TEST, *WHY, "--quiet")
        assert answer.returncode == 0, answer.stderr
        return str(answer.stdout.strip())

    return request


def running(installation: Any, model: str) -> list[str]:
    answer = installation.placet("ci", "deployments", "list", "--model", model, *TEST, "--json")
    return [one["approval"]["now"] for one in json.loads(answer.stdout)["items"]]


def test_release_that_is_not_signed_is_not_reported_unless_it_runs_anyway(installation: Any, requested: Any) -> None:
    release = requested("unsigned", "kettle", "lid")
    refused = installation.placet("ci", "deploy", "--release", "unsigned", *TEST)
    assert (refused.returncode, "nothing was reported" in refused.stderr) == (1, True)
    assert "awaiting_signatures" in refused.stderr
    assert (running(installation, "kettle"), running(installation, "lid")) == ([], [])
    anyway = installation.placet("ci", "deploy", "--release", release, "--anyway")
    assert (anyway.returncode, anyway.stdout.count("unapproved")) == (0, 2), anyway.stderr
    assert len(running(installation, "kettle")) == len(running(installation, "lid")) == 1


def test_pipeline_that_waits_for_a_release_goes_on_when_a_person_signs(installation: Any, requested: Any) -> None:
    release = requested("awaited-release", "pot", "pan")
    waiting = installation.start_placet("ci", "wait", "--release", release, "--timeout", 120, "--json")
    assert "is pending" in waiting.stderr.readline()
    signed = installation.placet("bob", "releases", "approve", release, *WHY)
    assert (signed.returncode, "is approved" in signed.stdout) == (0, True), signed.stderr
    out, err = waiting.communicate()
    assert waiting.returncode == 0, err
    outcomes = json.loads(out)
    assert {name: outcome["verdict"] for name, outcome in outcomes.items()} == {"pot/1": "approved", "pan/1": "approved"}
    assert all(outcome["decision"]["id"] for outcome in outcomes.values())


def test_waiting_for_a_release_ends_when_one_version_is_rejected(installation: Any, requested: Any) -> None:
    release = requested("rejected-release", "fork", "knife")
    assert installation.placet("bob", "signoff", "reject", "knife/1", *TEST, *WHY).returncode == 0
    assert installation.placet("ci", "wait", "--release", release, "--timeout", 30).returncode == 1
    shown = installation.placet("bob", "releases", "show", "rejected-release", *TEST)
    assert "with knife/1" in shown.stdout
    listed = json.loads(installation.placet("bob", "releases", "list", "--name", "rejected-release", "--json").stdout)["items"]
    assert [one["state"] for one in listed] == ["rejected"]


def test_release_goes_back_to_the_last_one_that_ran_and_is_allowed_as_a_whole(installation: Any, requested: Any) -> None:
    ids = [requested(name, "cup", "saucer") for name in ("first", "never-run", "second", "third")]
    for release in ids:
        assert installation.placet("bob", "releases", "approve", release, *WHY).returncode == 0
    for release in (ids[0], ids[2], ids[3]):
        assert installation.placet("ci", "deploy", "--release", release, "-q").returncode == 0
    back = ("rollback", "--release", "third", *TEST, "--json")
    chosen = json.loads(installation.placet("ci", *back, "--dry-run").stdout)
    assert chosen["chosen"]["id"] == ids[2]
    assert installation.placet("bob", "signoff", "revoke", "saucer/3", *TEST, *WHY).returncode == 0
    answer = installation.placet("ci", *back)
    found = json.loads(answer.stdout)
    assert (answer.returncode, found["chosen"]["id"]) == (0, ids[0])
    assert [one["why"] for one in found["passed_over"]] == ["revoked", "cup/2, saucer/2 never ran there"]
    assert all(decision["id"] for decision in found["decisions"].values()), "they are recorded"
    assert installation.placet("ci", "rollback", "--release", "first", *TEST).returncode == 1


def test_release_and_a_version_are_not_named_together(installation: Any, requested: Any) -> None:
    requested("with-a-version", "spoon", "ladle")
    for verb in (("deploy", "spoon/1"), ("wait", "spoon/1"), ("rollback", "spoon")):
        assert installation.placet("ci", *verb, "--release", "with-a-version", *TEST).returncode == 2
    assert installation.placet("ci", "deployments", "end").returncode == 2
