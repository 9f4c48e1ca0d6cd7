"""Turns the errors that an endpoint raises into problem documents; unforeseen ones are caught by `RequestContext`."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from placet_shared.errors import Malformed, PlacetError, Unavailable
from placet_shared.postgres.errors import REACHING_ERRORS, disk_full, is_disk_full, is_not_storable, is_passing
from placet_shared.web.problems import FrameworkError, problem_response
from placet_shared.web.validation import malformed

__all__ = ["handle_errors"]

_WORDS = {
    404: ("no_such_address", "There is nothing at this address.", "See /openapi.json for all addresses."),
    405: ("method_not_allowed", "This address does not know this method.", "The `Allow` header names the methods it knows."),
    415: ("unsupported_media_type", "This media type is not understood here.", "See /openapi.json for those that are."),
}


def handle_errors(app: FastAPI) -> None:
    """Register a handler for each kind of error that can leave an endpoint."""
    handlers: dict[type[Exception], Callable[[Request, Any], Awaitable[Response]]] = {
        PlacetError: _placet_error,
        RequestValidationError: _validation_error,
        HTTPException: _http_exception,
        **dict.fromkeys(REACHING_ERRORS, _database_error),
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


async def _placet_error(request: Request, error: PlacetError) -> Response:
    return problem_response(error)


async def _validation_error(request: Request, error: RequestValidationError) -> Response:
    return problem_response(malformed(error.errors()))


async def _database_error(request: Request, error: Exception) -> Response:
    """Any error but a full disk, a passing one or a forbidden character is a defect: raised on, it becomes a 500 with a traceback."""
    if is_disk_full(error):
        return problem_response(disk_full())
    if is_passing(error):
        return problem_response(
            Unavailable("The database of this service is not reachable.", code="database_unavailable", resolve="Try again in a moment.")
        )
    if is_not_storable(error):
        return problem_response(
            Malformed("The request has a character that can't be kept.", code="character_not_allowed", resolve="Leave out U+0000.")
        )
    raise error


async def _http_exception(request: Request, error: HTTPException) -> Response:
    # FastAPI wraps what is raised while a body is read; the reason is underneath.
    if isinstance(error.__cause__, PlacetError):
        return problem_response(error.__cause__)
    phrase = HTTPStatus(error.status_code).phrase
    code, detail, resolve = _WORDS.get(error.status_code, (phrase.lower().replace(" ", "_"), f"{phrase}.", None))
    headers = {"Allow": _methods_of(request)} if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED else error.headers
    return problem_response(FrameworkError(error.status_code, detail, code=code, resolve=resolve), headers)


def _methods_of(request: Request) -> str:
    """All methods of the address: the framework would name those of only one of its routes."""
    path = request.scope["path"]
    fitting = [route for route in request.app.state.routes if isinstance(route, APIRoute) and route.path_regex.match(path)]
    return ", ".join(sorted({method for route in fitting for method in route.methods or ()} or {"GET", "HEAD"}))
