"""Attestations by the command, against real services: from a key in a plan to a verdict and the audit trail."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

pytestmark = pytest.mark.postgres

KEY = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\3")
TYPE = "application/vnd.in-toto+json"
PUBLIC = base64.b64encode(KEY.public_key().public_bytes_raw()).decode()
CHECK = {"id": "attacks", "check": "attestation", "keys": [{"name": "red-team", "key": PUBLIC}], "tests": ["prompt-injection"]}
PLAN = {"kind": "Plan", "name": "red-team", "environments": ["prod"], "for": {"models": ["attested"]}, "checks": [CHECK]}


def envelope(artifact: bytes, result: str) -> bytes:
    """The red team's word on these bytes."""
    tests = {"passedTests" if result == "PASSED" else "failedTests": ["prompt-injection"]}
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "model.onnx", "digest": {"sha256": hashlib.sha256(artifact).hexdigest()}}],
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": {"result": result, "configuration": [], **tests},
    }
    payload = json.dumps(statement).encode()
    signature = KEY.sign(b"DSSEv1 %d %b %d %b" % (len(TYPE), TYPE.encode(), len(payload), payload))
    signed = {"payload": base64.b64encode(payload).decode(), "signatures": [{"sig": base64.b64encode(signature).decode()}]}
    return json.dumps({"payloadType": TYPE, **signed}).encode()


def test_evidence_from_elsewhere_decides_a_run_and_is_in_the_audit_trail(installation: Any, tmp_path: Path) -> None:
    artifact = b"weights of any kind"
    (tmp_path / "model.bin").write_bytes(artifact)
    (tmp_path / "passed.json").write_bytes(envelope(artifact, "PASSED"))
    (tmp_path / "failed.json").write_bytes(envelope(artifact, "FAILED"))
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))

    def placet(who: str, *words: Any) -> Any:
        return installation.placet(who, *words)

    early = placet("ci", "attestations", "add", tmp_path / "passed.json")
    assert early.returncode == 1
    assert "no version with the SHA-256" in early.stderr
    registered = placet("alice", "register", "attested", tmp_path / "model.bin", "--format", "pytorch", "--trained-by", "alice")
    assert registered.returncode == 0, registered.stderr
    published = placet("dora", "apply", "-f", tmp_path / "plan.json")
    assert published.returncode == 0, published.stderr
    assert placet("alice", "verify", "attested/1", "-e", "prod").returncode == 1
    added = placet("ci", "attestations", "add", tmp_path / "passed.json", "--json")
    assert added.returncode == 0, added.stderr
    [recorded] = json.loads(added.stdout)
    assert placet("alice", "verify", "attested/1", "-e", "prod").returncode == 0
    assert placet("ci", "attestations", "add", tmp_path / "failed.json", tmp_path / "passed.json").returncode == 0
    failed = placet("alice", "verify", "attested/1", "-e", "prod")
    assert failed.returncode == 1
    assert "tests failed" in failed.stdout + failed.stderr
    listed = placet("erin", "attestations", "list", "attested/1").stdout
    assert recorded["sha256"][:12] in listed
    assert placet("erin", "attestations", "save", recorded["sha256"], tmp_path / "kept.json").returncode == 0
    assert (tmp_path / "kept.json").read_bytes() == (tmp_path / "passed.json").read_bytes()
    assert "AttestationRecorded" in placet("erin", "audit", "timeline", "--model", "attested").stdout
