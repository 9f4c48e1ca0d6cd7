"""Views of the access policy, and of changes of access that wait for a second admin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import asyncpg
import orjson

from placet_approval.domain.written_policy import TakesEffect
from placet_approval.queries.sign_off_views import Holder

__all__ = ["AccessChangeView", "AccessPolicyView", "ProposedPolicy", "list_access_changes", "read_access_change", "read_access_policy"]

POLICY = "select version, two_admins, defined_by, defined_at from access_policies order by version desc limit 1"
COLUMNS = """
    change_id as id, kind, person_id, roles, token_id, two_admins, state, proposed_by, proposed_at, decided_by, decided_at, version, policy
"""
READ = f"select {COLUMNS} from access_changes where change_id = $1"
LIST = f"select {COLUMNS} from access_changes where ($1::text is null or change_id < $1) order by change_id desc limit $2"
OPEN = f"""
    select {COLUMNS} from access_changes
    where state = 'proposed' and ($1::text is null or change_id < $1) order by change_id desc limit $2
"""
NAMES = "select person_id as id, name, display_name from people_names where person_id = any ($1)"


@dataclass(frozen=True, slots=True)
class AccessPolicyView:
    """What is in force; version 0 where none was ever defined."""

    version: int
    two_admins: bool
    defined_by: str | None
    defined_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProposedPolicy:
    """What is to be in force in the environment instead of version `replaces`, or is to be withdrawn, and what it asks less of."""

    policy_id: str
    environment: str
    name: str | None
    kind: Literal["policy", "floor"]
    takes_effect: TakesEffect
    replaces: int
    sha256: str
    content: Mapping[str, Any]
    weakens: Sequence[str]
    withdraws: bool


@dataclass(frozen=True, slots=True)
class AccessChangeView:
    """One change; `roles` are those that the person is to have besides, `token_id` is of a token that another person made for them."""

    id: str
    kind: Literal["roles", "token", "access_policy", "policy"]
    state: Literal["proposed", "confirmed", "withdrawn"]
    person: Holder | None
    roles: Sequence[str]
    token_id: str | None
    two_admins: bool | None
    policy: ProposedPolicy | None
    proposed_by: Holder
    proposed_at: datetime
    decided_by: Holder | None
    decided_at: datetime | None
    version: int


async def read_access_policy(pool: asyncpg.Pool) -> AccessPolicyView:
    """One admin is enough where none was defined."""
    row = await pool.fetchrow(POLICY)
    return AccessPolicyView(**row) if row else AccessPolicyView(0, False, None, None)


async def read_access_change(pool: asyncpg.Pool, change_id: str) -> AccessChangeView | None:
    """One, or None."""
    found = await _views(pool, await pool.fetch(READ, change_id))
    return found[0] if found else None


async def list_access_changes(pool: asyncpg.Pool, open: bool, before: str | None, limit: int) -> list[AccessChangeView]:
    """The newest first, from the one before id `before`; `open` only those that wait."""
    return await _views(pool, await pool.fetch(OPEN if open else LIST, before, limit))


async def _views(pool: asyncpg.Pool, rows: Sequence[asyncpg.Record]) -> list[AccessChangeView]:
    people = sorted({row[one] for row in rows for one in ("person_id", "proposed_by", "decided_by") if row[one]})
    names = {row["id"]: Holder(**row) for row in await pool.fetch(NAMES, people)} if rows else {}

    def named(person: str | None) -> Holder | None:
        return names.get(person) or Holder(person, None, None) if person else None

    def view(row: asyncpg.Record) -> AccessChangeView:
        values: dict[str, Any] = dict(row)
        values["policy"] = _proposed(orjson.loads(row["policy"])) if row["policy"] else None
        values["person"] = named(values.pop("person_id"))
        return AccessChangeView(**{**values, **{one: named(values[one]) for one in ("proposed_by", "decided_by")}})

    return [view(row) for row in rows]


def _proposed(policy: dict[str, Any]) -> ProposedPolicy:
    shown = {name: value for name, value in policy.items() if name not in ("revision", "withdrawal")}
    return ProposedPolicy(**shown, withdraws=policy["withdrawal"] is not None)
