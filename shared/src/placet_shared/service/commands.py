"""From an HTTP request to the event store and back: every endpoint that runs a command calls this.

An endpoint reads

    return await run_command(request, register_model, command, present=answering(201, "/v1/models/{id}"))

The use case declares who may run it (`allowed`) and gives a frozen result; its name is the action's.
"""

import hashlib
import re
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from fastapi import Request, Response

from placet_shared.access import Actor
from placet_shared.errors import FieldError, Malformed, Refusal
from placet_shared.event_store import Answer, Committed, Metadata, RequestKey, UnitOfWork, UseCase
from placet_shared.event_store.store import action_of
from placet_shared.service.presenting import OK
from placet_shared.service.running import service_of
from placet_shared.web.conditional import etag, expected_version
from placet_shared.web.exchange import canonical_uuid, exchange_of, header
from placet_shared.web.problems import MEDIA_TYPE, problem_document, status_of

__all__ = ["present_refusal", "request_hash", "run_command"]

C = TypeVar("C")
R = TypeVar("R")
Ports = TypeVarTuple("Ports")

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


async def run_command(
    request: Request,
    use_case: UseCase[C, *Ports, R],
    command: C,
    *ports: *Ports,
    present: Callable[[R], Answer] = OK,
    body: bytes | None = None,
) -> Response:
    """Run a use case until its answer is durable, and answer.

    The actor is the one that `current_actor` found. `present` renders the result before it is appended, so that a repeated
    request gets what the first one got. An endpoint that streamed its body gives what identifies it, such as its digest, as `body`.
    """
    actor = _known_actor(request)
    if_match = expected_version(request)
    key = _idempotency_key(request)
    request_key = RequestKey(key, request_hash(request, await request.body() if body is None else body)) if key else None
    service = service_of(request)

    async def handler(uow: UnitOfWork) -> Answer:
        uow.actor = await service.acting(uow)
        return present(await use_case(command, uow, *ports))

    try:
        committed = await service.store.run(
            handler,
            _metadata(request, actor),
            actor,
            action=action_of(use_case),
            request_key=request_key,
            if_match=if_match,
            present_refusal=present_refusal,
        )
    except Refusal as refusal:
        recorded = getattr(refusal, "committed", None)
        if not isinstance(recorded, Committed):
            raise
        committed = recorded
    return _response(committed)


def present_refusal(refusal: Refusal) -> Answer:
    """A refusal as the problem document that stays under the idempotency key."""
    return Answer(status_of(refusal), problem_document(refusal))


def request_hash(request: Request, body: bytes) -> bytes:
    """SHA-256 over method, path, query, `If-Match` and body, each after its length (rule 15 of the consistency rules)."""
    digest = hashlib.sha256()
    path: bytes = request.scope.get("raw_path") or request.url.path.encode()
    parts = (request.method.encode(), path, request.scope["query_string"], (header(request, b"if-match") or "").encode(), body)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def _known_actor(request: Request) -> Actor:
    actor = request.state.actor
    assert isinstance(actor, Actor)
    return actor


def _idempotency_key(request: Request) -> str | None:
    key = header(request, b"idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise Malformed(
            "The Idempotency-Key can't be used.",
            code="malformed_idempotency_key",
            resolve="Use a new UUID for each new request.",
            errors=[FieldError("Idempotency-Key", key, "1 to 255 visible ASCII characters")],
        )
    return key


def _metadata(request: Request, actor: Actor) -> Metadata:
    exchange = exchange_of(request)
    given = exchange.header(b"placet-correlation")
    correlation = exchange.request_id if given is None else canonical_uuid(given)
    if correlation is None:
        raise Malformed(
            "The Placet-Correlation can't be used.",
            code="malformed_correlation",
            errors=[FieldError("Placet-Correlation", given, "a UUID")],
        )
    return Metadata(actor=actor.id, correlation=correlation, traceparent=exchange.traceparent)


def _response(committed: Committed) -> Response:
    headers = {}
    if committed.etag is not None:
        headers["ETag"] = etag(committed.etag)
    if committed.location is not None:
        headers["Location"] = committed.location
    if committed.position is not None:
        headers["Placet-Position"] = str(committed.position)
    if committed.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(committed.body, committed.status, headers, MEDIA_TYPE if committed.status >= 400 else "application/json")
