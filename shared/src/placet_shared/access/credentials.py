"""Who holds a token, from approval-service's events: most requests need no call to approval-service, and work while it is away.

`Credentials` is the projection that a service's consumer of approval-service feeds; `ProjectedAuthenticator` reads its rows.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from placet_shared.access.actor import Actor, Authenticator
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.ports import Source
from placet_shared.errors import Unavailable
from placet_shared.event_store.records import RecordedEvent
from placet_shared.postgres.batched_reads import BatchedReads
from placet_shared.postgres.errors import DATABASE_ERRORS, is_passing
from placet_shared.tokens import token_hash

__all__ = ["CREDENTIAL_TYPES", "SOURCE", "Credentials", "ProjectedAuthenticator"]

SOURCE = "approval"

SET_ROLES = "insert into holders (id, kind, roles) values ($1, $2, $3) on conflict (id) do update set roles = excluded.roles"
DEACTIVATE = "insert into holders (id, kind, active) values ($1, $2, false) on conflict (id) do update set active = false"
ISSUE = """
    insert into credentials (token_id, token_sha256, holder_id, holder_kind, expires_at) values ($1, $2, $3, $4, $5)
    on conflict (token_id) do update
        set token_sha256 = excluded.token_sha256, holder_id = excluded.holder_id, holder_kind = excluded.holder_kind,
            expires_at = excluded.expires_at
"""
REVOKE = "insert into credentials (token_id, revoked) values ($1, true) on conflict (token_id) do update set revoked = true"
KEEP_ENDS = """
    insert into ended_before_restore (id)
    select token_id from credentials where revoked union select id from holders where not active
    on conflict do nothing
"""
IS_ENDED = "select id from ended_before_restore where id = any ($1::text[]) limit 1"
FORGET = "delete from credentials; delete from holders"

# `over` can't be undone. `unsettled`: something about the token or its holder is parked, or the events are being read again
# after a restore, and a revocation may be among those that are still to come.
FIND = """
    select c.token_sha256, c.token_id, c.holder_id, c.holder_kind, h.roles,
           c.revoked or not coalesce(h.active, true) or coalesce(c.expires_at <= clock_timestamp(), false)
               or exists (select from ended_before_restore e where e.id in (c.token_id, c.holder_id)) as over,
           h.id is null
               or exists (select from parked_events p where p.source = $2 and p.subjects && array[c.token_id, c.holder_id])
               or exists (select from marks m where m.source = $2 and m.position < m.rebuild_until) as unsettled
    from credentials c left join holders h on h.id = c.holder_id
    where c.token_sha256 = any ($1::text[])
"""

# Of tokens in use; a token may be unknown here while its holder is known.
OVER = """
    select a.token_id
    from unnest($1::text[], $2::text[]) a(token_id, holder_id)
    left join credentials c on c.token_id = a.token_id left join holders h on h.id = a.holder_id
    where c.revoked or not h.active or c.expires_at <= clock_timestamp()
"""

HOLDER_KINDS = {"person_id": "person", "account_id": "service_account"}
GAINED = frozenset({"PersonAdded", "PersonRolesChanged", "ServiceAccountAdded", "ServiceAccountRolesChanged"})
ENDED = frozenset({"PersonDeactivated", "PersonErased", "ServiceAccountDeactivated"})
# All that `Credentials` has anything to do for: a service that follows approval-service for them alone asks for these.
CREDENTIAL_TYPES = GAINED | ENDED | {"TokenIssued", "TokenRevoked"}


class Credentials:
    """The projection of people, service accounts and tokens; approval-service's other events are ignored."""

    async def apply(self, connection: asyncpg.Connection, event: RecordedEvent) -> None:
        """One row for each token, one for each holder."""
        if event.type not in CREDENTIAL_TYPES:
            return  # it may have come without its data
        fields = event.fields
        if event.type in GAINED:
            await connection.execute(SET_ROLES, *_holder(fields), fields["roles"])
        elif event.type in ENDED:
            await connection.execute(DEACTIVATE, *_holder(fields))
        elif event.type == "TokenIssued":
            expires_at = datetime.fromisoformat(fields["expires_at"]) if fields["expires_at"] else None
            values = (fields["token_id"], fields["token_sha256"], fields["holder_id"], fields["holder_kind"], expires_at)
            await connection.execute(ISSUE, *values)
        elif event.type == "TokenRevoked":
            await connection.execute(REVOKE, fields["token_id"])

    def subjects(self, event: RecordedEvent) -> Sequence[str]:
        """The holder, and for a token the token too; nothing for events that are ignored."""
        if event.type in GAINED | ENDED:
            return [event.subject]
        if event.type in {"TokenIssued", "TokenRevoked"}:
            return [event.subject, str(event.fields.get("token_id"))]
        return []

    def never_parks(self, event: RecordedEvent) -> bool:
        """Events that take a right away are not parked."""
        return event.type in ENDED or event.type == "TokenRevoked"

    async def reset(self, connection: asyncpg.Connection, source: Source) -> Cursor:
        """Read all events again; until then no holder is known here and approval-service is asked. Ended tokens stay ended."""
        await connection.execute(KEEP_ENDS)
        await connection.execute(FORGET)
        return Cursor()


class ProjectedAuthenticator:
    """An `Authenticator` that reads the projection, and asks approval-service about tokens that the projection can't decide.

    `consumer` is the name of the consumer that feeds the projection.
    """

    def __init__(self, pool: asyncpg.Pool, introspection: Authenticator, consumer: str = SOURCE) -> None:
        self._pool = pool
        self._introspection = introspection
        self._consumer = consumer
        self._found = BatchedReads(self._find)

    async def authenticate(self, token: str) -> Actor | None:
        """The actor, or None for a token that is unknown, revoked or expired; raises `Unavailable` when it can't be looked up.

        A known end (revoked, expired, holder deactivated) is final and never asked about: a yes that introspection still
        remembers must not outlive it. A token whose state is not known for certain is asked about before it is refused.
        """
        row = await self._found.get(token_hash(token))
        if row is not None and row["over"]:
            return None
        if row is None or row["unsettled"]:
            return await self._asked(token)
        return Actor(row["holder_id"], row["holder_kind"], frozenset(row["roles"]), row["token_id"])

    async def over(self, actors: Sequence[Actor]) -> Collection[str]:
        """The ids of these actors' tokens that are known here to have ended."""
        rows = await self._pool.fetch(OVER, [actor.token_id for actor in actors], [actor.id for actor in actors])
        return {row["token_id"] for row in rows}

    async def _asked(self, token: str) -> Actor | None:
        """The answer of approval-service, unless it was restored to a state before an end that is known here."""
        actor = await self._introspection.authenticate(token)
        if actor is None or await self._rows(IS_ENDED, [actor.id, actor.token_id]):
            return None
        return actor

    async def _find(self, hashes: Sequence[str]) -> Mapping[str, asyncpg.Record]:
        return {row["token_sha256"]: row for row in await self._rows(FIND, hashes, self._consumer)}

    async def _rows(self, sql: str, *args: Any) -> Sequence[asyncpg.Record]:
        try:
            rows: Sequence[asyncpg.Record] = await self._pool.fetch(sql, *args)
        except DATABASE_ERRORS as error:
            if not is_passing(error):
                raise
            raise Unavailable("The tokens can't be looked up at the moment.", code="authentication_unavailable") from error
        return rows


def _holder(fields: Mapping[str, Any]) -> tuple[str, str]:
    """Id and kind of the holder that an event is about."""
    for name, kind in HOLDER_KINDS.items():
        if name in fields:
            return fields[name], kind
    raise KeyError("neither person_id nor account_id")
