"""Who is asking, in the words of people."""

from datetime import datetime
from typing import Literal

import asyncpg
from pydantic import BaseModel, Field

from placet_shared.access import Actor

__all__ = ["Identity", "read_identity"]

READ_IDENTITY = """
    select coalesce(n.name, a.name) as name, coalesce(n.display_name, a.name) as display_name, t.expires_at
    from tokens t
    left join people_names n on n.person_id = t.holder_id
    left join service_accounts a on a.account_id = t.holder_id
    where t.token_id = $1
"""


class Identity(BaseModel):
    """The holder of the token that came with the request."""

    id: str = Field(examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c10"])
    kind: Literal["person", "service_account"]
    name: str | None = Field(examples=["carol"])
    display_name: str | None = Field(examples=["Carol Danvers"])
    roles: list[str] = Field(examples=[["risk-officer"]])
    token_id: str = Field(examples=["0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c12"])
    expires_at: datetime | None = Field(description="When the token expires; null: it does not.")


async def read_identity(connection: asyncpg.Pool, actor: Actor) -> Identity:
    """The actor with name and token."""
    row = await connection.fetchrow(READ_IDENTITY, actor.token_id)
    return Identity(id=actor.id, kind=actor.kind, roles=sorted(actor.roles), token_id=actor.token_id, **row)
