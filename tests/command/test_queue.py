"""The queue of runs as people see it: a run waits at its place behind another one until that is cancelled and a worker is there."""

import json
import re
from typing import Any

import pytest

pytestmark = pytest.mark.postgres


def test_a_run_waits_at_its_place_until_the_one_before_is_cancelled(
    installation: Any, register: Any, plan: Any, dataset: Any, good_model: bytes, bad_model: bytes
) -> None:
    installation.kill("verification-worker")
    sha256 = installation.placet("alice", "upload", dataset).stdout.strip()
    applied = installation.placet("dora", "apply", "-f", plan("dev", sha256))
    assert applied.returncode == 0, applied.stderr
    register("unwanted", bad_model)
    register("patient", good_model)
    unwanted = installation.start_placet("alice", "verify", "unwanted", 1, "-e", "dev", "--timeout", 120)
    first = run_named(unwanted.stderr.readline())
    assert f"run {first} is at place 1 in the queue" in unwanted.stderr.readline()
    patient = installation.start_placet("alice", "verify", "patient", 1, "-e", "dev", "--timeout", 120, "--json")
    second = run_named(patient.stderr.readline())
    assert f"run {second} is at place 2 in the queue" in patient.stderr.readline()
    assert "queued at place 2 in the queue" in installation.placet("erin", "runs", "show", second).stdout

    because = ("--reason", "The wrong version.")
    assert installation.placet("alice", "runs", "cancel", first).returncode == 2
    refused = installation.placet("ci", "runs", "cancel", first, *because)
    assert (refused.returncode, "another person" in refused.stderr) == (1, True), refused.stderr
    cancelled = installation.placet("alice", "runs", "cancel", first, *because)
    assert (cancelled.returncode, cancelled.stdout) == (0, f"The run {first} is cancelled.\n"), cancelled.stderr
    out, err = unwanted.communicate()
    assert unwanted.returncode == 4, err
    assert "The wrong version." in out
    assert "queued at place 1 in the queue" in installation.placet("erin", "runs", "show", second).stdout

    installation.start("verification-worker")
    out, err = patient.communicate()
    assert patient.returncode == 0, err
    assert json.loads(out)[0]["status"] == "passed"
    listed = json.loads(installation.placet("erin", "runs", "list", "--status", "cancelled", "--json").stdout)
    assert [run["id"] for run in listed] == [first]
    assert "The wrong version." in installation.placet("erin", "runs", "show", first).stdout
    again = installation.placet("dora", "runs", "cancel", first, *because)
    assert (again.returncode, "ended as cancelled" in again.stderr) == (1, True), again.stderr


def run_named(line: str) -> str:
    found = re.match(r"\W*run (\S+) by larger-dev version", line)
    assert found is not None, line
    return found[1]
