"""Names of people and service accounts, display names and e-mail addresses."""

import re
from typing import Final

from placet_shared.errors import FieldError, Malformed

__all__ = [
    "DISPLAY_NAME_LENGTH",
    "EMAIL_LENGTH",
    "NAME_ALLOWED",
    "NAME_LENGTH",
    "NAME_PATTERN",
    "display_name",
    "email_address",
    "short_name",
]

# It begins with a letter, so that no name looks like an id.
NAME_PATTERN: Final = r"[a-z][a-z0-9._-]{1,62}"
NAME_LENGTH: Final = 63
NAME_ALLOWED: Final = "2 to 63 characters of a-z 0-9 . _ -, beginning with a letter"
DISPLAY_NAME_LENGTH: Final = 200
EMAIL_LENGTH: Final = 254  # RFC 5321 section 4.5.3.1.3, without the angle brackets


def short_name(field: str, text: str) -> str:
    """A unique name of a person or service account; raises `Malformed`."""
    return _demand(re.fullmatch(NAME_PATTERN, text), field, text, NAME_ALLOWED)


def display_name(field: str, text: str) -> str:
    """A display name, in any script; raises `Malformed`."""
    sound = 1 <= len(text) <= DISPLAY_NAME_LENGTH and text.isprintable() and text == text.strip()
    return _demand(sound, field, text, f"1 to {DISPLAY_NAME_LENGTH} printable characters, no space at either end")


def email_address(field: str, text: str) -> str:
    """An e-mail address; only its outer form is checked. Raises `Malformed`."""
    sound = len(text) <= EMAIL_LENGTH and re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", text)
    return _demand(sound, field, text, f"one address like carol@example.org, at most {EMAIL_LENGTH} characters")


def _demand(sound: object, field: str, text: str, allowed: str) -> str:
    if not sound:
        shown = text[:100]
        raise Malformed(f"{field}: {shown!r} is not allowed.", resolve=f"Send {allowed}.", errors=[FieldError(field, shown, allowed)])
    return text
