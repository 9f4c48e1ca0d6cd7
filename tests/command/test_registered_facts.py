"""Checks of tags and metadata against a real registry: what it says of a version is what they judge."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from placet_client import Client, Registration

pytestmark = pytest.mark.postgres

STATED = ["description", "signature", "training_run", "experiment", "commit", "parameters", "metrics", "train_data", "trained_by"]
NOT_STATED = ["test_data", "validation_data", "reference_data"]
TAGGED = {"id": "tagged", "check": "required_tags", "tags": [{"key": "governance/risk", "values": ["high", "low"]}, {"key": "owner"}]}


def plan(*checks: dict[str, Any]) -> str:
    document = {"kind": "Plan", "name": "stated", "environments": ["prod"], "for": {"models": ["stated"]}, "checks": list(checks)}
    return json.dumps(document)


def metadata(name: str, facts: list[str]) -> dict[str, Any]:
    return {"id": name, "check": "required_metadata", "facts": facts}


def test_what_the_registry_says_is_judged(installation: Any, alice: Client, tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(b"weights")
    rows = alice.registry.upload(file)
    lineage = {
        "training_run": "run-1",
        "experiment": "stated/baseline",
        "commit": "c" * 40,
        "data": [{"sha256": rows, "role": "train"}],
        "parameters": {"C": 0.5},
        "metrics": {"auc": 0.9},
        "trained_by": ["alice"],
        "prepared_by": ["alice"],
    }
    signature = {
        "inputs": [{"name": "X", "type": "float32", "shape": [None, 2]}],
        "outputs": [{"name": "P", "type": "float32", "shape": []}],
    }
    alice.registry.register_model("stated", "Who pays back, for the loan desk.", {"owner": "risk"})
    version = alice.registry.register(Registration("stated", file, "pytorch", lineage=lineage, signature=signature)).version
    assert version.artifact.sha256 == hashlib.sha256(b"weights").hexdigest()
    with installation.client("dora") as dora:
        dora.verification.publish_plan(plan(TAGGED, metadata("there", [*STATED, "prepared_by"]), metadata("missing", NOT_STATED)))
        untagged = checks_of(alice, version.id)
        dora.registry.tag_model("stated", "governance/risk", "high")
        assert checks_of(alice, version.id) == {"tagged": "PASS", "there": "PASS", "missing": "FAIL"}
    assert untagged == {"tagged": "FAIL", "there": "PASS", "missing": "FAIL"}


def checks_of(alice: Client, version_id: str) -> dict[str, str]:
    """The checks of a new run, by their status."""
    run = alice.verification.request_run(version_id, "prod")
    ended = alice.verification.wait_for_run(run.id, 60.0)
    return {check.check_id: check.status for check in ended.checks or ()}
