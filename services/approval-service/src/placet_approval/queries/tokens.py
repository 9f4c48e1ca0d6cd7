"""Views of tokens: everything but the secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

__all__ = ["TokenView", "list_tokens", "read_token"]

# Whether a token has expired is evaluated when the question is asked, by the database's clock.
TOKEN = """
    select t.token_id, t.holder_id, t.holder_kind, t.version, t.issued_at, t.issued_by, t.expires_at, t.revoked_at, t.revoked_by,
           case when t.revoked_at is not null then 'revoked'
                when t.expires_at <= clock_timestamp() then 'expired'
                when not h.active then 'holder_inactive'
                else 'active' end as state
    from ({tokens}) t join holders h using (holder_id)
    order by t.token_id
"""
READ_TOKEN = TOKEN.format(tokens="select * from tokens where token_id = $1")
LIST_TOKENS = TOKEN.format(tokens="select * from tokens where token_id > $1 order by token_id limit $2")
# A person and a service account may share a name; of each the tokens are read along the holder's index.
LIST_TOKENS_OF_HOLDER = TOKEN.format(
    tokens="""
        select t.* from (
            select $3 as id
            union select person_id from people_names where name = $3
            union select account_id from service_accounts where name = $3
        ) h cross join lateral (
            select * from tokens where (holder_id, token_id) > (h.id, $1) and holder_id <= h.id order by holder_id, token_id limit $2
        ) t order by t.token_id limit $2
    """
)


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
    if holder is None:
        return [TokenView(**row) for row in await connection.fetch(LIST_TOKENS, after, limit)]
    return [TokenView(**row) for row in await connection.fetch(LIST_TOKENS_OF_HOLDER, after, limit, holder)]
