"""Views of service accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

__all__ = ["ServiceAccountView", "list_service_accounts", "read_service_account"]

COLUMNS = "account_id, name, roles, active, version, added_at, changed_at from service_accounts"
READ_ACCOUNT = f"select {COLUMNS} where account_id = $1 or name = $1"
LIST_ACCOUNTS = f"select {COLUMNS} where account_id > $1 order by account_id limit $2"


@dataclass(frozen=True, slots=True)
class ServiceAccountView:
    """One system that may act here."""

    account_id: str
    name: str
    roles: Sequence[str]
    active: bool
    version: int
    added_at: datetime
    changed_at: datetime


async def read_service_account(connection: asyncpg.Pool, id_or_name: str) -> ServiceAccountView | None:
    """A service account."""
    row = await connection.fetchrow(READ_ACCOUNT, id_or_name)
    return None if row is None else ServiceAccountView(**row)


async def list_service_accounts(connection: asyncpg.Pool, after: str, limit: int) -> Sequence[ServiceAccountView]:
    """Service accounts in the order in which they were added, from the one after id `after`."""
    return [ServiceAccountView(**row) for row in await connection.fetch(LIST_ACCOUNTS, after, limit)]
