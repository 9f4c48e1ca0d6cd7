"""Signatures of what is sent to webhooks, as Standard Webhooks 1.0.0 writes them: HMAC-SHA256 over id, time and body."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime

__all__ = ["SECRET_BYTES", "secret_text", "signed_headers"]

SECRET_BYTES = 32
PREFIX = "whsec_"


def secret_text(key: bytes) -> str:
    """A key as it is shown."""
    return PREFIX + base64.b64encode(key).decode()


def signed_headers(message_id: str, body: bytes, secrets: Iterable[str], at: datetime) -> Mapping[str, str]:
    """The headers of the specification, with a signature for each secret; a receiver is content with one that it knows."""
    timestamp = str(int(at.timestamp()))
    content = b".".join((message_id.encode(), timestamp.encode(), body))
    signatures = [f"v1,{base64.b64encode(_hmac(secret, content)).decode()}" for secret in secrets]
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": " ".join(signatures)}


def _hmac(secret: str, content: bytes) -> bytes:
    return hmac.digest(base64.b64decode(secret.removeprefix(PREFIX)), content, hashlib.sha256)
