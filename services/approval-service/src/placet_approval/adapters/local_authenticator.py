"""The authenticator of the service that owns the tokens: it reads its own tables and caches nothing."""

from collections.abc import Collection, Sequence

import asyncpg

from placet_approval.queries.credentials import find_credential, tokens_over
from placet_shared.access import Actor
from placet_shared.errors import Unavailable
from placet_shared.postgres.errors import DATABASE_ERRORS, is_passing
from placet_shared.tokens import token_hash

__all__ = ["LocalAuthenticator"]


class LocalAuthenticator:
    """An `Authenticator` that refuses a token from the moment its revocation was answered."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def authenticate(self, token: str) -> Actor | None:
        """The actor, or None for an unknown, revoked or expired token; raises `Unavailable` without a database."""
        try:
            credential = await find_credential(self._pool, token_hash(token))
        except DATABASE_ERRORS as error:
            if not is_passing(error):
                raise
            raise Unavailable("The tokens can't be looked up at the moment.", code="authentication_unavailable") from error
        return credential.actor if credential else None

    async def over(self, actors: Sequence[Actor]) -> Collection[str]:
        """Those of these token ids that are no longer valid."""
        return await tokens_over(self._pool, [actor.token_id for actor in actors])
