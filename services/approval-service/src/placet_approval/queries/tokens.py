"""Views of tokens: everything but the secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

__all__ = ["TokenView", "list_tokens", "read_token"]

# Whether a token has expired is evaluated when the question is asked, by the database's clock.
COLUMNS = """
    t.token_id, t.holder_id, t.holder_kind, t.version, t.issued_at, t.issued_by, t.expires_at, t.revoked_at, t.revoked_by,
    case when t.revoked_at is not null then 'revoked'
         when t.expires_at <= clock_timestamp() then 'expired'
         when not h.active then 'holder_inactive'
         else 'active' end as state
    from tokens t join holders h using (holder_id)
"""
READ_TOKEN = f"select {COLUMNS} where t.token_id = $1"
LIST_TOKENS = f"""
    select {COLUMNS}
    where t.token_id > $1
      and ($3::text is null or t.holder_id = $3
           or t.holder_id in (select person_id from people_names where name = $3
                              union all select account_id from service_accounts where name = $3))
    order by t.token_id limit $2
"""


@dataclass(frozen=True, slots=True)
class TokenView:
    """One token. Its text was shown once, when it was issued, and is not stored."""

    token_id: str
    holder_id: str
    holder_kind: Literal["person", "service_account"]
    state: Literal["active", "revoked", "expired", "holder_inactive"]
    version: int
    issued_at: datetime
    issued_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None


async def read_token(connection: asyncpg.Pool, token_id: str) -> TokenView | None:
    """A token, by its id."""
    row = await connection.fetchrow(READ_TOKEN, token_id)
    return None if row is None else TokenView(**row)


async def list_tokens(connection: asyncpg.Pool, after: str, limit: int, *, holder: str | None) -> Sequence[TokenView]:
    """Tokens in the order in which they were issued, from the one after id `after`; `holder` is an id or a name."""
    return [TokenView(**row) for row in await connection.fetch(LIST_TOKENS, after, limit, holder)]
