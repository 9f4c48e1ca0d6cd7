"""Identifiers: UUIDv7 (RFC 9562 section 5.7), made at the edge and passed into the domain."""

import hashlib

from uuid_utils import uuid7

__all__ = ["derived_key", "new_id"]


def new_id() -> str:
    """A new UUIDv7 in canonical text form; ids made later by this process sort later."""
    return str(uuid7())


def derived_key(*parts: str) -> str:
    """A stream key that two callers derive alike from a natural key, such as a name that must be unique.

    Parts are length-prefixed before hashing, so that ("ab", "c") and ("a", "bc") differ. 32 hex digits of SHA-256.
    """
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode()
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.hexdigest()[:32]
