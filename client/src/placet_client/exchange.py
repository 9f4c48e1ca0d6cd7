"""Turns an operation into requests; pure, for both clients.

1. Every request carries what was seen of all sources, so that no answer comes from before it.
2. Every write carries an `Idempotency-Key`, the same in each attempt: however often it is sent, it has one effect.
3. A lost connection and 503 are retried until the retry policy ends.
4. A position that no longer exists (the data were removed or restored) is forgotten, and the request sent once more.
5. The position that a write answers with is remembered.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, cast

import httpx
import msgspec

from placet_client.addresses import Addresses, variable_of
from placet_client.answers.answer import read
from placet_client.calls import Call, Operation, Pause, Reading, Work
from placet_client.identifiers import new_id
from placet_client.positions import Place, Positions, header_of
from placet_client.problems import ClientError, Problem, Unintelligible, Unreachable
from placet_client.retrying import RetryPolicy

__all__ = ["Attempt", "Caller", "Outcome", "Steps", "steps_of"]

T = TypeVar("T")
WRITES = ("POST", "PUT", "DELETE")
NO_LONGER_SEEN = {(400, "beyond_head"), (409, "lost_branch")}


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller's token and positions; the same for all services of an installation.

    `correlation` is on every event that these calls lead to. Without a token only public endpoints answer.
    """

    addresses: Addresses
    token: str | None
    positions: Positions
    correlation: str
    retries: RetryPolicy
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request to be sent once, now."""

    service: str
    method: str
    url: str
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    json: Any
    content: bytes | Path | None
    within: float


Outcome: TypeAlias = httpx.Response | httpx.TransportError
Steps: TypeAlias = Generator[Attempt | Pause | Work[Any] | Reading[Any], Any, T]
Sent: TypeAlias = Generator[Attempt | Pause, Outcome, T]


def steps_of(operation: Operation[T], caller: Caller) -> Steps[T]:
    """Attempts are answered with an `Outcome`, work with its result; raises what the operation raises."""
    flow = iter(operation)
    advance = partial(next, flow)
    while True:
        try:
            step = advance()
        except StopIteration as ended:
            result: T = ended.value
            return result
        try:
            came = (yield from _answer(step, caller)) if isinstance(step, Call) else (yield step)
        except ClientError as error:
            advance = partial(flow.throw, error)
        else:
            advance = partial(flow.send, came)


def _answer(call: Call[T], caller: Caller) -> Sent[T]:
    """A service's answer; raises `Problem`, `Unreachable`, `Unintelligible`."""
    before = caller.positions.all()
    attempt = _attempt(call, caller)
    answer = yield from _persist(call, caller, _seeing(attempt, before))  # 1
    if before and (answer.status_code, _problem_of(answer).get("code")) in NO_LONGER_SEEN:  # 4
        caller.positions.forget()
        before = {}
        answer = yield from _persist(call, caller, attempt)
    if position := answer.headers.get("Placet-Position"):  # 5
        caller.positions.learn(position, {} if "Idempotency-Replayed" in answer.headers else before)
    return _read(call, answer)


def _attempt(call: Call[Any], caller: Caller) -> Attempt:
    headers = {"Placet-Correlation": caller.correlation, **call.headers}
    if caller.token:
        headers["Authorization"] = f"Bearer {caller.token}"
    if traceparent := call.traceparent or caller.traceparent:
        headers["traceparent"] = traceparent
    if call.method in WRITES:
        headers["Idempotency-Key"] = new_id()  # 2
    query = {name: value for name, value in call.query.items() if value is not None}
    url = caller.addresses.of(call.service) + call.path
    return Attempt(call.service, call.method, url, query, headers, call.json, call.content, call.within)


def _seeing(attempt: Attempt, places: Mapping[str, Place]) -> Attempt:
    seen = {"Placet-Seen": header_of(places)} if places else {}
    return replace(attempt, headers={**attempt.headers, **seen})


def _persist(call: Call[Any], caller: Caller, attempt: Attempt) -> Sent[httpx.Response]:  # 3
    pauses = (call.retries or caller.retries).pauses()
    while True:
        pause = next(pauses, None)
        outcome = yield attempt
        if isinstance(outcome, httpx.TransportError):
            if pause is None:
                raise _unreachable(call.service, caller.addresses.of(call.service), outcome) from outcome
            asked = 0.0
        else:
            if outcome.status_code != httpx.codes.SERVICE_UNAVAILABLE or pause is None:
                return outcome
            asked = _retry_after(outcome)
        yield Pause(max(pause, asked))


def _retry_after(answer: httpx.Response) -> float:
    """Seconds; 0 without the header."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else 0.0


def _unreachable(service: str, url: str, error: httpx.TransportError) -> Unreachable:
    how = "did not answer in time" if isinstance(error, httpx.TimeoutException) else "can't be reached"
    return Unreachable(
        f"{service}-service {how} at {url}.", f"Start Placet with `placet up`, or set {variable_of(service)} to where the service is."
    )


def _read(call: Call[T], answer: httpx.Response) -> T:
    if not answer.is_success:
        raise _refusal(call, answer)
    if call.answer is type(None):
        return None
    if call.answer is bytes:
        return cast(T, answer.content)
    try:
        return read(answer.content, call.answer)
    except msgspec.DecodeError as error:
        raise Unintelligible(f"The server at {answer.url} does not answer as {call.service}-service does: {error}.") from error


def _refusal(call: Call[Any], answer: httpx.Response) -> ClientError:
    document = _problem_of(answer)
    # A HEAD has a status and no document.
    if document or call.method == "HEAD":
        return Problem(answer.status_code, document)
    detail = f"The server at {answer.url} answers HTTP {answer.status_code} and not as {call.service}-service."
    # A proxy in front of a service that is away.
    return Unreachable(detail) if answer.is_server_error else Unintelligible(detail)


def _problem_of(answer: httpx.Response) -> Mapping[str, Any]:
    """The problem document (RFC 9457) of a refusal, empty where there is none."""
    if not answer.headers.get("Content-Type", "").startswith("application/problem+json"):
        return {}
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, Mapping) else {}
