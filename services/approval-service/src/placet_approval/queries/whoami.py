"""The caller, with names for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

from placet_shared.access import Actor

__all__ = ["Identity", "read_identity"]

READ_IDENTITY = """
    select coalesce(n.name, a.name) as name, coalesce(n.display_name, a.name) as display_name, t.expires_at
    from tokens t
    left join people_names n on n.person_id = t.holder_id
    left join service_accounts a on a.account_id = t.holder_id
    where t.token_id = $1
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """The holder of the token that came with the request."""

    id: str
    kind: Literal["person", "service_account"]
    name: str | None
    display_name: str | None
    roles: Sequence[str]
    token_id: str
    expires_at: datetime | None


async def read_identity(connection: asyncpg.Pool, actor: Actor) -> Identity:
    """The actor with name and token."""
    row = await connection.fetchrow(READ_IDENTITY, actor.token_id)
    return Identity(id=actor.id, kind=actor.kind, roles=sorted(actor.roles), token_id=actor.token_id, **row)
