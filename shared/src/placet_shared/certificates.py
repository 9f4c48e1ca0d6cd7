"""The certificate authorities that clients of this process trust, read once: a client that reads them itself takes 20 ms for it."""

import ssl
from functools import cache

import httpx

__all__ = ["trusted_certificates"]


@cache
def trusted_certificates() -> ssl.SSLContext:
    """For httpx's `verify`."""
    return httpx.create_ssl_context(trust_env=False)
