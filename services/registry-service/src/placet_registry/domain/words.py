"""The words that events may carry: names and identifiers of a bounded form, so that no event holds free text or a secret.

Each rule is a function that gives the value back in its one form, or raises `Malformed` naming field, value and what is allowed.
"""

import re
import unicodedata
from datetime import date
from typing import Final

from placet_shared.errors import FieldError, Malformed

__all__ = [
    "IDENTIFIER_LENGTH",
    "NAME_LENGTH_AS_SENT",
    "URI_LENGTH",
    "column_name",
    "column_type",
    "dataset_name",
    "environment_name",
    "git_commit",
    "identifier",
    "iso_date",
    "model_name",
    "reference_uri",
    "sha256_digest",
]

MODEL_NAME_LENGTH: Final = 200
# No character's canonical decomposition has more than four (UAX #15). Checked first: normalising takes more than linear time.
NAME_LENGTH_AS_SENT: Final = 4 * MODEL_NAME_LENGTH
IDENTIFIER_LENGTH: Final = 200
URI_LENGTH: Final = 2000
IDENTIFIER_ALLOWED: Final = "1 to 200 characters of A-Z a-z 0-9 . _ / -"
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9._/-]{1,200}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_GIT_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ENVIRONMENT: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_DATASET: Final = re.compile(r"[a-z][a-z0-9_.-]{0,62}")
_COLUMN: Final = re.compile(r"[\w ./:+*=<>()\[\]%#,-]{1,200}")
_TYPE: Final = re.compile(r"[A-Za-z0-9_.()\[\], <>/-]{1,100}")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# RFC 3986: scheme, then unreserved, reserved and percent-encoded characters
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{1,1000}")
_URI_WITH_LOGIN: Final = re.compile(r"[^/?#]*://[^/?#]*@")


def model_name(text: str) -> str:
    """A model's name in Unicode normal form C; letter case matters. MLflow's clients accept every such name."""
    name = unicodedata.normalize("NFC", text) if len(text) <= NAME_LENGTH_AS_SENT else ""
    sound = 1 <= len(name) <= MODEL_NAME_LENGTH and name.isprintable() and name == name.strip()
    if not sound or "/" in name or ":" in name or name in (".", ".."):
        allowed = f"1 to {MODEL_NAME_LENGTH} printable characters without / and :, no space at either end, not . or .."
        raise _malformed("name", text, allowed, "a model's name")
    return name


def identifier(field: str, text: str) -> str:
    """A tag's key or value, a run, an experiment: an identifier from another system."""
    return _matching(_IDENTIFIER, field, text, IDENTIFIER_ALLOWED, "an identifier")


def sha256_digest(field: str, text: str) -> str:
    """SHA-256 in lower-case hex; upper case is accepted and lowered."""
    return _matching(_SHA256, field, text.lower(), "64 hexadecimal digits", "a SHA-256 digest")


def git_commit(field: str, text: str) -> str:
    """A full Git commit id, SHA-1 or SHA-256."""
    return _matching(_GIT_COMMIT, field, text.lower(), "40 or 64 hexadecimal digits, not abbreviated", "a Git commit")


def environment_name(field: str, text: str) -> str:
    """An environment's name is its identity for ever."""
    return _matching(_ENVIRONMENT, field, text, "1 to 63 characters of a-z 0-9 -, not - at either end", "an environment's name")


def dataset_name(field: str, text: str) -> str:
    """A data set's name, as plans write it."""
    return _matching(_DATASET, field, text, "1 to 63 characters of a-z 0-9 _ . -, a letter first", "a data set's name")


def column_name(field: str, text: str) -> str:
    """A column's name, as the data have it."""
    allowed = "1 to 200 characters of letters, digits, space and . _ / : - + * = < > ( ) [ ] % # ,"
    return _matching(_COLUMN, field, text, allowed, "a column's name")


def column_type(field: str, text: str) -> str:
    """A type's name."""
    return _matching(_TYPE, field, text, "a type's name, such as float or tensor(float)", "a type's name")


def iso_date(field: str, text: str) -> date:
    """A day of the calendar."""
    allowed = "YYYY-MM-DD (ISO 8601)"
    try:
        return date.fromisoformat(_matching(_DATE, field, text, allowed, "a date"))
    except ValueError as error:
        raise _malformed(field, text, allowed, "a date") from error


def reference_uri(field: str, text: str) -> str:
    """The location of bytes that the registry does not keep; credentials in a URI would stand in the log for ever."""
    if _URI_WITH_LOGIN.match(text):
        raise _malformed(field, "(not repeated)", "a URI without user name and password", "a reference")
    return _matching(_URI, field, text, "an absolute URI (RFC 3986) of at most 1000 characters", "a reference")


def _matching(pattern: re.Pattern[str], field: str, text: str, allowed: str, what: str) -> str:
    if not pattern.fullmatch(text):
        raise _malformed(field, text, allowed, what)
    return text


def _malformed(field: str, value: str, allowed: str, what: str) -> Malformed:
    shown = value if len(value) <= 100 else value[:100] + "…"
    return Malformed(
        f"{field}: {shown!r} is not {what}.",
        code="malformed",
        resolve=f"Send {what} as {allowed}.",
        errors=[FieldError(field, shown, allowed)],
    )
