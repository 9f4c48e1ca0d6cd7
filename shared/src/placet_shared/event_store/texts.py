"""Free text beside events: an event commits to a text by HMAC-SHA256 (RFC 2104) under a random 32-byte salt.

Erasing deletes text and salt; the commitment then proves nothing about the text and every proof over the event stays valid.
"""

import hashlib
import hmac
import secrets

from placet_shared.event_store.records import Text
from placet_shared.identifiers import new_id

__all__ = ["commitment", "commits_to", "new_text"]

INSERT_TEXT = """
    insert into texts (id, position, kind, subject, author, salt, body) values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing
"""
ERASE_TEXT = """
    update texts set salt = null, body = null, erased_at = clock_timestamp() where id = $1 and erased_at is null
"""


def new_text(body: str, *, kind: str, subject: str, author: str) -> Text:
    """A text with a fresh id and salt."""
    return Text(new_id(), kind, subject, author, secrets.token_bytes(32), body)


def commitment(text: Text) -> dict[str, str]:
    """What the event holds: the text's id and the HMAC in hex."""
    return {"id": text.id, "hmac": _hmac(text.salt, text.body)}


def commits_to(hmac_hex: str, salt: bytes, body: str) -> bool:
    """Whether an event's commitment is to this text."""
    return hmac.compare_digest(hmac_hex, _hmac(salt, body))


def _hmac(salt: bytes, body: str) -> str:
    return hmac.new(salt, body.encode(), hashlib.sha256).hexdigest()
