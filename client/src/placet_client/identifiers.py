"""Identifiers that a client makes: UUIDv7 (RFC 9562, section 5.7), so that the services' indexes grow at one end."""

import secrets
import time
from uuid import UUID

__all__ = ["new_id"]


def new_id() -> str:
    """48 bits of milliseconds since 1970, then chance, in canonical text form."""
    number = time.time_ns() // 1_000_000 << 80 | secrets.randbits(80)
    version, variant = 0x7 << 76, 0b10 << 62
    return str(UUID(int=number & ~(0xF << 76) & ~(0b11 << 62) | version | variant))
