"""A service refuses to run as a role that could rewrite its events (rule 26)."""

import asyncpg

__all__ = ["refuse_owner"]

POWER_OVER_EVENTS = """
    select r.rolsuper, pg_has_role(current_user, c.relowner, 'MEMBER') as owns, current_user as name
    from pg_roles r, pg_class c
    where r.rolname = current_user and c.oid = 'events'::regclass
"""


async def refuse_owner(connection: asyncpg.Connection) -> None:
    """Raises `RuntimeError` when this role is a superuser or could act as the owner of the events."""
    row = await connection.fetchrow(POWER_OVER_EVENTS)
    if row is None or row["rolsuper"] or row["owns"]:
        name = row["name"] if row else "this role"
        raise RuntimeError(
            f"{name} owns the event tables or is a superuser and could rewrite history: "
            "run the service with a role of its own and keep the owner for the migration URL"
        )
