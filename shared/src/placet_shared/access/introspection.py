"""Asks approval-service who holds a token, and caches a yes for at most five seconds.

A no is cached for a second: a made-up token must not cost a request each time, and a token that is issued after it was tried
works soon. Invalid tokens are also limited for each address. Callers that present a token while a request about it is in flight
share the answer.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from pydantic import AwareDatetime, BaseModel, ValidationError

from placet_shared.access.actor import Actor, ActorKind
from placet_shared.access.attempts import Attempts
from placet_shared.errors import Unavailable
from placet_shared.tokens import token_hash

__all__ = ["IntrospectedActor", "IntrospectingAuthenticator", "Introspection"]

REMEMBERED_SECONDS = 5.0
NO_REMEMBERED_SECONDS = 1.0
PATIENCE_SECONDS = 2.0

log = logging.getLogger(__name__)


class IntrospectedActor(BaseModel):
    """The actor in approval-service's answer."""

    id: str
    kind: ActorKind
    roles: frozenset[str]


class Introspection(BaseModel):
    """The answer of `POST /v1/tokens/introspect`; everything but `active` is absent or null when it is false."""

    active: bool
    actor: IntrospectedActor | None = None
    token_id: str | None = None
    expires_at: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class _Remembered:
    actor: Actor | None
    until: float


class IntrospectingAuthenticator:
    """An `Authenticator` that asks over HTTP with the service's own token; the caller closes `client`.

    At most `capacity` answers are cached; `clock` measures for how long, `now` is compared with a token's expiry.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        approval_url: str,
        service_token: str,
        *,
        capacity: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._url = f"{approval_url.rstrip('/')}/v1/tokens/introspect"
        self._headers = {"Authorization": f"Bearer {service_token}"}
        self._capacity = capacity
        self._clock = clock
        self._now = now
        self._remembered: dict[str, _Remembered] = {}
        self._remembered_noes: dict[str, _Remembered] = {}  # apart, so that made-up tokens do not push out valid ones
        self._attempts = Attempts(clock=clock)
        self._asking: dict[str, asyncio.Task[Actor | None]] = {}

    async def authenticate(self, token: str) -> Actor | None:
        """The actor, or None for an unknown, revoked or expired token.

        Raises `Unavailable` when there is no answer, `TooMany` when the caller's address has had too many such tokens.
        """
        digest = token_hash(token)
        for memory in (self._remembered, self._remembered_noes):
            if (known := memory.get(digest)) is not None:
                if self._clock() < known.until:
                    return known.actor
                del memory[digest]
        with self._attempts.counted() as is_valid:
            actor = await self._answer_about(digest)
            if actor is not None:
                is_valid()
            return actor

    async def _answer_about(self, digest: str) -> Actor | None:
        question = self._asking.get(digest)
        if question is None:
            question = asyncio.create_task(self._ask(digest))
            self._asking[digest] = question
            question.add_done_callback(lambda done: self._asked(digest, done))
        # Shielded: a caller that disconnects must not take the answer away from the callers that share it.
        return await asyncio.shield(question)

    def _asked(self, digest: str, question: asyncio.Task[Actor | None]) -> None:
        del self._asking[digest]
        if not question.cancelled():
            question.exception()  # retrieved, also when every caller has disconnected

    async def _ask(self, digest: str) -> Actor | None:
        asked_at = self._clock()
        answer = await self._answer(digest)
        if not answer.active or answer.actor is None or answer.token_id is None:
            self._remember(self._remembered_noes, digest, _Remembered(None, asked_at + NO_REMEMBERED_SECONDS))
            return None
        left = REMEMBERED_SECONDS
        if answer.expires_at is not None:
            left = min(left, (answer.expires_at - self._now()).total_seconds())
        actor = Actor(answer.actor.id, answer.actor.kind, answer.actor.roles, answer.token_id)
        if left > 0:
            self._remember(self._remembered, digest, _Remembered(actor, asked_at + left))
        return actor

    async def _answer(self, digest: str) -> Introspection:
        try:
            response = await self._client.post(self._url, json={"token_sha256": digest}, headers=self._headers, timeout=PATIENCE_SECONDS)
        except httpx.HTTPError as error:
            log.warning("approval-service can't be asked about a token", extra={"reason": type(error).__name__})
            raise _nobody_can_say() from error
        if response.status_code != 200:
            log.error("approval-service does not answer about tokens", extra={"status": response.status_code})
            raise _nobody_can_say()
        try:
            return Introspection.model_validate_json(response.content)
        except ValidationError as error:
            log.error("approval-service answers about tokens in a form unknown here")
            raise _nobody_can_say() from error

    def _remember(self, memory: dict[str, _Remembered], digest: str, answer: _Remembered) -> None:
        while len(memory) >= self._capacity:
            del memory[next(iter(memory))]  # the oldest
        memory[digest] = answer


def _nobody_can_say() -> Unavailable:
    return Unavailable(
        "The service that knows all access tokens does not answer, so yours can't be checked.",
        code="authentication_unavailable",
        resolve="Try again in a moment; if it lasts, see whether approval-service is up.",
        retry_after=1,
    )
