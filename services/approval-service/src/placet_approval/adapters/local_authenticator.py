"""The authenticator of the service that owns the tokens: it reads its own tables and caches nothing."""

from collections.abc import Collection, Mapping, Sequence

import asyncpg

from placet_approval.queries.credentials import Credential, find_credentials, tokens_over
from placet_shared.access import Actor
from placet_shared.errors import Unavailable
from placet_shared.postgres.batched_reads import BatchedReads
from placet_shared.postgres.errors import DATABASE_ERRORS, is_passing
from placet_shared.tokens import token_hash

__all__ = ["LocalAuthenticator"]


class LocalAuthenticator:
    """An `Authenticator` that refuses a token from the moment its revocation was answered."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._found = BatchedReads(self._find)

    async def authenticate(self, token: str) -> Actor | None:
        """The actor, or None for an unknown, revoked or expired token; raises `Unavailable` without a database."""
        credential = await self._found.get(token_hash(token))
        return credential.actor if credential else None

    async def over(self, actors: Sequence[Actor]) -> Collection[str]:
        """Those of these token ids that are no longer valid."""
        return await tokens_over(self._pool, [actor.token_id for actor in actors])

    async def _find(self, hashes: Sequence[str]) -> Mapping[str, Credential]:
        try:
            return await find_credentials(self._pool, hashes)
        except DATABASE_ERRORS as error:
            if not is_passing(error):
                raise
            raise Unavailable("The tokens can't be looked up at the moment.", code="authentication_unavailable") from error
