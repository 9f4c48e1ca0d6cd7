"""Adds the first people, service accounts and tokens to an empty installation, by the same commands as any other request.

Each step is one atomic command that first looks whether it was done already: a start that dies in the
middle is finished by the next one. Nothing that was done since is undone: roles that were changed stay changed, a token
that was revoked stays revoked, and a person who was erased is not added again.
"""

import hmac
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import asyncpg

from placet_approval.adapters.bootstrap_file import BootstrapFile, FirstAccount, FirstPerson, token_sha256
from placet_approval.commands.add_person import AddPerson, add_person
from placet_approval.commands.add_service_account import AddServiceAccount, add_service_account
from placet_approval.commands.change_person_roles import ChangePersonRoles, change_person_roles
from placet_approval.commands.issue_token import IssueToken, issue_token
from placet_shared.access import Actor, Roles
from placet_shared.event_store import EventStore, Metadata, UseCase
from placet_shared.identifiers import new_id
from placet_shared.tokens import new_token, token_hash

__all__ = ["SYSTEM", "FirstPeople"]

C = TypeVar("C")

log = logging.getLogger(__name__)

SYSTEM: Final = Actor(id="system:approval", kind="service_account", roles=frozenset({Roles.ADMIN}), token_id="")

# One process at a time: processes that start together would otherwise find each other's names taken.
ONE_AT_A_TIME = "select pg_advisory_lock(hashtextextended('placet bootstrap ' || current_schema(), 0))"
NEXT = "select pg_advisory_unlock(hashtextextended('placet bootstrap ' || current_schema(), 0))"
SALT = "select salt from installation"
ENTRY = "select holder_id from bootstrap_entries where entry = $1"
PERSON_NAMED = "select person_id from people_names where name = $1"
ACCOUNT_NAMED = "select account_id from service_accounts where name = $1"
KNOWN_TOKEN = "select 1 from tokens where token_sha256 = $1"
IS_ACTIVE = "select active from holders where holder_id = $1"
ROLES_OF = "select roles from people where person_id = $1"
HAS_ADMIN = "select exists (select from people where active and 'admin' = any (roles))"


class FirstPeople:
    """Acts as `system:approval`."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    async def apply(self, path: Path, file: BootstrapFile) -> None:
        """Add what is in the file and not here; raises `BootstrapFileError` for a token file that can't be used."""
        hashes = {
            entry.token_file: token_sha256(path, entry.token_file) for entry in (*file.people, *file.service_accounts) if entry.token_file
        }
        async with self._alone() as connection:
            salt: bytes = await connection.fetchval(SALT)
            for person in file.people:
                holder = await self._person(connection, person, salt)
                await self._token(connection, holder, hashes.get(person.token_file) if person.token_file else None)
            for account in file.service_accounts:
                holder = await self._account(connection, account)
                await self._token(connection, holder, hashes.get(account.token_file) if account.token_file else None)

    async def make_admin(self, name: str) -> str:
        """The text of a new token for `name`, who is an admin from now on; adds the person if the name is unknown."""
        async with self._alone() as connection:
            person_id = await connection.fetchval(PERSON_NAMED, name)
            if person_id is None:
                person_id = new_id()
                adding = AddPerson(person_id, name, name, None, [Roles.ADMIN])
                await self._run(add_person, adding)
            roles = await connection.fetchval(ROLES_OF, person_id)
            promoting = ChangePersonRoles(person_id, sorted({*roles, Roles.ADMIN}))
            await self._run(change_person_roles, promoting)
            text = new_token()
            issuing = IssueToken(new_id(), person_id, token_hash(text), None)
            await self._run(issue_token, issuing)
            return text

    async def make_token(self, name: str) -> str | None:
        """The text of a new token for `name`, which no person has issued; None when there is no such person."""
        async with self._alone() as connection:
            person_id = await connection.fetchval(PERSON_NAMED, name)
            if person_id is None:
                return None
            text = new_token()
            await self._run(issue_token, IssueToken(new_id(), person_id, token_hash(text), None))
            return text

    async def has_admin(self) -> bool:
        """Whether there is an active admin, who could add people."""
        return bool(await self._store.pool.fetchval(HAS_ADMIN))

    async def _person(self, connection: asyncpg.Connection, person: FirstPerson, salt: bytes) -> str:
        entry = hmac.digest(salt, f"person:{person.name}".encode(), "sha256").hex()
        known = await connection.fetchval(ENTRY, entry) or await connection.fetchval(PERSON_NAMED, person.name)
        if known:
            return str(known)
        shown = person.display_name or person.name
        command = AddPerson(new_id(), person.name, shown, person.email, person.roles, bootstrap_entry=entry)
        await self._run(add_person, command)
        log.info("a person was added from the bootstrap file", extra={"person_id": command.person_id})
        return command.person_id

    async def _account(self, connection: asyncpg.Connection, account: FirstAccount) -> str:
        known = await connection.fetchval(ACCOUNT_NAMED, account.name)
        if known:
            return str(known)
        command = AddServiceAccount(new_id(), account.name, account.roles)
        await self._run(add_service_account, command)
        log.info("a service account was added from the bootstrap file", extra={"account": account.name})
        return command.account_id

    async def _token(self, connection: asyncpg.Connection, holder: str, sha256: str | None) -> None:
        if sha256 is None or await connection.fetchval(KNOWN_TOKEN, sha256):
            return
        if not await connection.fetchval(IS_ACTIVE, holder):
            log.warning("the bootstrap file has a token for a holder who is deactivated; it was not issued", extra={"holder": holder})
            return
        command = IssueToken(new_id(), holder, sha256, None)
        await self._run(issue_token, command)

    async def _run(self, use_case: UseCase[C, Any], command: C) -> None:
        await self._store.execute(use_case, command, metadata=Metadata(actor=SYSTEM.id, correlation=new_id()), actor=SYSTEM)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection that holds the lock."""
        async with self._store.pool.acquire() as connection:
            await connection.execute(ONE_AT_A_TIME)
            try:
                yield connection
            finally:
                await connection.execute(NEXT)
