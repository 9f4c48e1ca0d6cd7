"""The way of every request through a service: identified and measured, routed, answered; no exception leaves it unanswered."""

import logging
from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from placet_shared.current_request import caller_address
from placet_shared.errors import PlacetError
from placet_shared.logs import request_id
from placet_shared.web.error_responses import response_to
from placet_shared.web.exchange import Exchange
from placet_shared.web.observed import Observed
from placet_shared.web.problems import problem_response
from placet_shared.web.routing import RouteTable

__all__ = ["BrokenOff", "Shell"]

log = logging.getLogger(__name__)

Answer = Callable[[Request], Awaitable[Response]]


class BrokenOff(Exception):
    """Reports to the server that an answer can't be completed."""


class Shell:
    """The whole application for HTTP, as ASGI."""

    def __init__(self, routes: RouteTable, observed: Observed) -> None:
        self._routes = routes
        self._observed = observed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        mark = request_id.set(exchange.request_id)
        client = scope.get("client")
        address_mark = caller_address.set(client[0] if client else None)
        try:
            with self._observed.observing(exchange):
                await self._answer(exchange)
        finally:
            request_id.reset(mark)
            caller_address.reset(address_mark)

    async def _answer(self, exchange: Exchange) -> None:
        scope = exchange.scope
        request = Request(scope, exchange.receive, exchange.send)
        try:
            endpoint = self._routes.find(scope)
            response = await endpoint(request)
            await response(scope, exchange.receive, exchange.send)
        except ClientDisconnect:
            log.info("the client disconnected before its request was read")
        except Exception as error:
            if exchange.started:
                # Half an answer must not look like a whole one: the server drops the connection.
                _report(scope)
                raise BrokenOff("the answer broke off; the line before says why") from None
            await _problem(error, request)(scope, exchange.receive, exchange.send)


def _problem(error: Exception, request: Request) -> Response:
    """Raises nothing: what no handler foresaw is reported here, and told to the caller without details."""
    try:
        return response_to(error)
    except Exception:
        _report(request.scope)
        return problem_response(_unforeseen())


def _report(scope: Scope) -> None:
    path = getattr(scope.get("route"), "path", "")  # as documented: an address may hold a person's name
    log.exception("a request ended in an error that no handler foresaw", extra={"method": scope["method"], "path": path})


def _unforeseen() -> PlacetError:
    return PlacetError(
        "Something went wrong here that is not your fault.",
        code="internal_error",
        resolve="Try again; if it lasts, give the `instance` of this problem to the operator of this service.",
    )
