"""Envelopes as a CI job or a red team would sign them; what a test does not name is valid."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from placet_verification.checks.trusted_keys import key_text

PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey

CI = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\1")
RED_TEAM = ec.derive_private_key(7, ec.SECP256R1())
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\2")

TYPE = "application/vnd.in-toto+json"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"


def statement(sha256: str, result: str = "PASSED", **predicate: Any) -> dict[str, Any]:
    """Of a test suite, about the artifact with this digest."""
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "model.onnx", "digest": {"sha256": sha256}}],
        "predicateType": TEST_RESULT,
        "predicate": {"result": result, "configuration": [{"name": "ci.yml"}], **predicate},
    }


def encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def message(payload: bytes, payload_type: str = TYPE) -> bytes:
    """What is signed, written out here a second time."""
    return b" ".join([b"DSSEv1", str(len(payload_type)).encode(), payload_type.encode(), str(len(payload)).encode(), payload])


def signature(key: PrivateKey, signed: bytes) -> bytes:
    return key.sign(signed) if isinstance(key, Ed25519PrivateKey) else key.sign(signed, ec.ECDSA(SHA256()))


def envelope(said: Mapping[str, Any] | bytes, *keys: PrivateKey, payload_type: str = TYPE, keyid: str = "ci") -> bytes:
    """Signed by each of the keys, by CI if none is named."""
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    signatures = [{"keyid": keyid, "sig": encoded(signature(key, message(payload, payload_type)))} for key in keys or (CI,)]
    return json.dumps({"payloadType": payload_type, "payload": encoded(payload), "signatures": signatures}).encode()


def public(key: PrivateKey) -> str:
    """As a plan carries it."""
    return key_text(key.public_key())


def pem(key: PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def trusting(*keys: PrivateKey, **more: Any) -> dict[str, Any]:
    """The check `attestation` of a plan that trusts these keys."""
    named: Sequence[Mapping[str, str]] = [{"name": f"key-{place}", "key": public(key)} for place, key in enumerate(keys or (CI,))]
    return {"id": "tests", "check": "attestation", "keys": list(named), **more}
