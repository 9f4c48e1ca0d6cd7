"""The form of access tokens: `placet_`, 34 random base62 characters, 6 base62 digits of their CRC32.

Secret scanners find them with `placet_[0-9A-Za-z]{40}` and can tell a real one from a look-alike without a request.
A token is shown once; what is stored and published is its SHA-256.
"""

import hashlib
import re
import secrets
import string
from zlib import crc32

__all__ = ["TOKEN_PREFIX", "hide_tokens", "is_well_formed", "new_token", "token_hash"]

TOKEN_PREFIX = "placet_"

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM_LENGTH = 34  # 202 bits
_CHECKSUM_LENGTH = 6  # 62**6 > 2**32
_ALIKE = re.compile(rf"{TOKEN_PREFIX}[0-9A-Za-z]{{20,}}(?:_[0-9A-Za-z]{{20,}})*")  # a token mistyped, cut or run together is still a secret
_FORM = re.compile(rf"{TOKEN_PREFIX}[0-9A-Za-z]{{{_RANDOM_LENGTH + _CHECKSUM_LENGTH}}}")


def new_token() -> str:
    """A new token from the system's random source."""
    body = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH))
    return TOKEN_PREFIX + body + _checksum(body)


def is_well_formed(text: str) -> bool:
    """Whether `text` has a token's form and its checksum fits; says nothing about whether the token is known."""
    if not _FORM.fullmatch(text):
        return False
    body = text[len(TOKEN_PREFIX) : -_CHECKSUM_LENGTH]
    return text.endswith(_checksum(body))


def token_hash(token: str) -> str:
    """SHA-256 of the whole token in lower-case hex: 202 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def hide_tokens(text: str) -> str:
    """`text` with everything that looks like a token, whole or maimed, made unreadable."""
    return _ALIKE.sub(TOKEN_PREFIX + "[hidden]", text)


def _checksum(body: str) -> str:
    number = crc32(body.encode("ascii"))
    digits = ""
    for _ in range(_CHECKSUM_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
