"""DSSE envelopes (version 1.0, github.com/secure-systems-lab/dsse): what was signed, and the signatures over it, which nothing here trusts.

A `keyid` is not read at all: it is the uploader's claim, and each key that is trusted is tried.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from placet_shared.errors import FieldError, Malformed
from placet_verification.domain.strict_json import read_json

__all__ = ["ENVELOPE_LIMIT", "Envelope", "read_envelope", "refuse_field"]

ENVELOPE_LIMIT = 256 * 1024
"""Bytes of an envelope."""

MOST_SIGNATURES = 8
_DEPTH = 8
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Envelope:
    """`payload` are the bytes that were signed; they are parsed after the signatures were verified, and not before."""

    payload_type: str
    payload: bytes
    signatures: tuple[bytes, ...]

    @property
    def message(self) -> bytes:
        """What a signature is over: the pre-authentication encoding of type and payload, with their lengths in bytes."""
        type_ = self.payload_type.encode()
        return b"DSSEv1 %d %b %d %b" % (len(type_), type_, len(self.payload), self.payload)

    @property
    def statement_sha256(self) -> str:
        """The digest of the message: the same for all envelopes that say the same, in whatever writing and by whichever keys."""
        return hashlib.sha256(self.message).hexdigest()


def read_envelope(raw: bytes) -> Envelope:
    """Of JSON; raises `Malformed` that names the field. Unknown members are passed over."""
    if len(raw) > ENVELOPE_LIMIT:
        refuse_field("envelope", f"{len(raw)} bytes", f"at most {ENVELOPE_LIMIT} bytes")
    try:
        found = read_json(raw, _DEPTH)
    except ValueError as error:
        refuse_field("envelope", None, str(error))
    if not isinstance(found, Mapping):
        refuse_field("envelope", found, "a JSON object: a DSSE envelope")
    payload_type = found.get("payloadType")
    if not isinstance(payload_type, str) or not payload_type:
        refuse_field("payloadType", payload_type, "a text, such as application/vnd.in-toto+json")
    return Envelope(payload_type, _bytes(found.get("payload"), "payload"), tuple(_signatures(found.get("signatures"))))


def refuse_field(field: str, value: Any, allowed: str) -> NoReturn:
    """Raises `Malformed` for one field of an attestation."""
    shown = value if isinstance(value, int | float) or value is None else value[:_SHOWN] if isinstance(value, str) else type(value).__name__
    raise Malformed(
        f"{field}: {allowed}",
        code="attestation_malformed",
        resolve="Send a DSSE envelope whose payload is an in-toto Statement of version 1.",
        errors=[FieldError(field, shown, allowed)],
    )


def _signatures(found: Any) -> Sequence[bytes]:
    if not isinstance(found, list) or not 1 <= len(found) <= MOST_SIGNATURES:
        refuse_field("signatures", len(found) if isinstance(found, list) else found, f"a list of 1 to {MOST_SIGNATURES} signatures")
    for place, one in enumerate(found):
        if not isinstance(one, Mapping):
            refuse_field(f"signatures.{place}", one, "an object with `sig`")
    return [_bytes(one.get("sig"), f"signatures.{place}.sig") for place, one in enumerate(found)]


def _bytes(text: Any, field: str) -> bytes:
    """Of base64, standard or URL-safe (RFC 4648 sections 4 and 5), padded and with nothing else in it: one text for the same bytes."""
    if isinstance(text, str) and text.isascii() and text:
        standard = text.translate({ord("-"): "+", ord("_"): "/"})
        try:
            found = base64.b64decode(standard, validate=True)
        except binascii.Error:
            found = b""
        mixed = ("-" in text or "_" in text) and ("+" in text or "/" in text)
        if found and not mixed and base64.b64encode(found).decode() == standard:
            return found
    refuse_field(field, text, "base64, standard or URL-safe, with its padding and without line breaks")
