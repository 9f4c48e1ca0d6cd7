"""One service over HTTP: the token, what was seen, retries that have one effect, problems as exceptions.

1. Every request carries what was seen of all sources, so that no answer comes from before it.
2. Every write carries an `Idempotency-Key`, the same in each attempt: however often it is sent, it has one effect.
3. A lost connection and 503 are tried again until patience runs out.
4. What was seen and is no more (the data were removed or restored) is forgotten, and the request sent once more.
5. The position that a write answers with is remembered.
"""

import ipaddress
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from placet_client.identifiers import new_id
from placet_client.patience import PATIENCE, Patience, asked_for
from placet_client.positions import Place, Positions, header_of
from placet_client.problems import Problem, Unintelligible, Unreachable

__all__ = ["Caller", "Connection", "Json"]

Json = dict[str, Any]
Content = Callable[[], Any]  # made anew for each attempt
NO_LONGER_SEEN = {(400, "beyond_head"), (409, "lost_branch")}
ANSWER_WITHIN = 30.0
CONNECT_WITHIN = 5.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls and what they know; the same for all services of an installation.

    `correlation` is on every event that these calls lead to.
    """

    token: str
    positions: Positions
    correlation: str
    patience: Patience = PATIENCE


class Connection:
    """Requests to the service at one address."""

    def __init__(self, service: str, url: str, caller: Caller) -> None:
        self._service = service
        self._url = url
        self._caller = caller
        # Proxies are for other machines; the certificates are not read (it takes a while) where nobody shows one.
        self._http = httpx.Client(base_url=url, trust_env=not _is_this_machine(url), verify=url.startswith("https:"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open."""
        self._http.close()

    def get(self, path: str, within: float = ANSWER_WITHIN, **query: Any) -> Any:
        """The JSON of an answer, None for 204; a query member that is None is left out."""
        answer = self.request("GET", path, query=query, within=within)
        return None if answer.status_code == httpx.codes.NO_CONTENT else _json(self._service, answer)

    def exists(self, path: str) -> bool:
        """Whether something is there."""
        try:
            self.request("HEAD", path)
        except Problem as problem:
            if problem.status == httpx.codes.NOT_FOUND:
                return False
            raise
        return True

    def pages(self, path: str, limit: int, **query: Any) -> Json:
        """Up to `limit` items of a listing, from as many pages as it takes; otherwise as the last page said."""
        items: list[Any] = []
        cursor = None
        while True:
            page: Json = self.get(path, limit=min(limit - len(items), 200), cursor=cursor, **query)
            items += page["items"]
            cursor = page.get("next_cursor")
            if cursor is None or len(items) >= limit:
                return {**page, "items": items}

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None, traceparent: str | None = None) -> Json:
        """A command and its answer; `traceparent` (W3C) names the trace that it belongs to."""
        given = {} if body is None else dict(body)
        answer: Json = _json(self._service, self.request("POST", path, json=given, key=key, traceparent=traceparent))
        return answer

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        content: Content = lambda: None,
        media_type: str | None = None,
        key: str | None = None,
        traceparent: str | None = None,
        within: float = ANSWER_WITHIN,
    ) -> httpx.Response:
        """The answer to a request; raises `Problem`, `Unreachable`."""
        headers = {"Authorization": f"Bearer {self._caller.token}", "Placet-Correlation": self._caller.correlation}
        if media_type:
            headers["Content-Type"] = media_type
        if given_trace := traceparent or os.environ.get("TRACEPARENT"):
            headers["traceparent"] = given_trace
        if method in ("POST", "PUT", "DELETE"):
            headers["Idempotency-Key"] = key or new_id()  # 2
        given = {name: value for name, value in (query or {}).items() if value is not None}

        def attempt(seen: Mapping[str, str]) -> httpx.Response:
            timeout = httpx.Timeout(within, connect=CONNECT_WITHIN)
            return self._http.request(
                method, path, params=given, json=json, content=content(), headers={**headers, **seen}, timeout=timeout
            )

        return self._seeing(attempt)

    def _seeing(self, attempt: Callable[[Mapping[str, str]], httpx.Response]) -> httpx.Response:
        before = self._caller.positions.all()
        answer = self._persist(lambda: attempt(_seen_header(before)))  # 1
        if before and (answer.status_code, _code(answer)) in NO_LONGER_SEEN:  # 4
            self._caller.positions.forget()
            before = {}
            answer = self._persist(lambda: attempt({}))
        if position := answer.headers.get("Placet-Position"):  # 5
            self._caller.positions.learn(position, {} if "Idempotency-Replayed" in answer.headers else before)
        return _unless_problem(self._service, answer)

    def _persist(self, attempt: Callable[[], httpx.Response]) -> httpx.Response:  # 3
        pauses = self._caller.patience.pauses()
        while True:
            pause = next(pauses, None)
            try:
                answer = attempt()
            except httpx.TransportError as error:
                if pause is None:
                    raise self._unreachable(error) from error
                asked = 0.0
            else:
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or pause is None:
                    return answer
                asked = asked_for(answer)
            time.sleep(max(pause, asked))

    def _unreachable(self, error: httpx.TransportError) -> Unreachable:
        variable = f"PLACET_{self._service.upper()}_URL"
        how = "did not answer in time" if isinstance(error, httpx.TimeoutException) else "can't be reached"
        return Unreachable(
            f"{self._service}-service {how} at {self._url}.",
            f"Start Placet with `placet up`, or set {variable} to where the service is.",
        )


def _seen_header(places: Mapping[str, Place]) -> dict[str, str]:
    return {"Placet-Seen": header_of(places)} if places else {}


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _code(answer: httpx.Response) -> str:
    return str(_document(answer).get("code", ""))


def _document(answer: httpx.Response) -> Mapping[str, Any]:
    if not answer.headers.get("Content-Type", "").startswith("application/problem+json"):
        return {}
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, Mapping) else {}


def _unless_problem(service: str, answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    document = _document(answer)
    # A HEAD has a status and no document.
    if document or answer.request.method == "HEAD":
        raise Problem(answer.status_code, document)
    raise Unintelligible(f"What answers as {service}-service at {answer.url} says HTTP {answer.status_code} and no more.")


def _json(service: str, answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError as error:
        raise Unintelligible(f"What answers as {service}-service at {answer.url} is no JSON.") from error
