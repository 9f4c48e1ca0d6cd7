"""The credential behind a token, for introspection and for this service's own authentication of each request.

It is read from rows that were written together with the events, so a revocation is valid once it is answered. A revocation that was
lost in a restore counts too, until an admin has reviewed what was lost.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from placet_shared.access import Actor

__all__ = ["Credential", "find_credentials", "tokens_over"]

FIND_CREDENTIALS = """
    select t.token_sha256, t.token_id, t.expires_at, h.holder_id, h.kind, h.roles
    from tokens t join holders h using (holder_id)
    where t.token_sha256 = any ($1::text[]) and t.revoked_at is null and h.active
      and (t.expires_at is null or t.expires_at > clock_timestamp())
      and not exists (
          select from lost_events l where l.reviewed_at is null
            and (l.type = 'TokenRevoked' and l.data ->> 'token_id' = t.token_id
                 or l.type in ('PersonDeactivated', 'PersonErased', 'ServiceAccountDeactivated') and l.subject = h.holder_id)
      )
"""

TOKENS_OVER = """
    select a.token_id from unnest($1::text[]) a(token_id)
    where not exists (
        select from tokens t join holders h using (holder_id)
        where t.token_id = a.token_id and t.revoked_at is null and h.active
          and (t.expires_at is null or t.expires_at > clock_timestamp())
    )
"""


@dataclass(frozen=True, slots=True)
class Credential:
    """A valid token's actor, and when it will expire."""

    actor: Actor
    expires_at: datetime | None


async def find_credentials(connection: asyncpg.Pool, hashes: Sequence[str]) -> Mapping[str, Credential]:
    """The credentials behind tokens' hashes, without those that are unknown, revoked, expired or of an inactive holder."""
    return {row["token_sha256"]: _credential(row) for row in await connection.fetch(FIND_CREDENTIALS, hashes)}


def _credential(row: asyncpg.Record) -> Credential:
    actor = Actor(id=row["holder_id"], kind=row["kind"], roles=frozenset(row["roles"]), token_id=row["token_id"])
    return Credential(actor, row["expires_at"])


async def tokens_over(connection: asyncpg.Pool, token_ids: Sequence[str]) -> Collection[str]:
    """Those of these tokens that are no longer valid."""
    return {row["token_id"] for row in await connection.fetch(TOKENS_OVER, list(token_ids))}
