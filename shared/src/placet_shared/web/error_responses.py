"""Turns the errors that an endpoint raises into problem documents."""

from http import HTTPStatus

from fastapi import Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from placet_shared.errors import Malformed, PlacetError, Unavailable
from placet_shared.postgres.errors import REACHING_ERRORS, disk_full, is_disk_full, is_not_storable, is_passing
from placet_shared.web.problems import FrameworkError, problem_response
from placet_shared.web.validation import malformed

__all__ = ["response_to"]

_WORDS = {
    404: ("no_such_address", "There is nothing at this address.", "See /openapi.json for all addresses."),
    405: ("method_not_allowed", "This address does not know this method.", "The `Allow` header names the methods it knows."),
    415: ("unsupported_media_type", "This media type is not understood here.", "See /openapi.json for those that are."),
}


def response_to(error: Exception) -> Response:
    """The answer to a request that ended in `error`; raises it again when it is none that is foreseen here."""
    if isinstance(error, PlacetError):
        return problem_response(error)
    if isinstance(error, RequestValidationError):
        return problem_response(malformed(error.errors()))
    if isinstance(error, HTTPException):
        return _http_exception(error)
    if isinstance(error, REACHING_ERRORS):
        return problem_response(_of_the_database(error))
    raise error


def _of_the_database(error: Exception) -> PlacetError:
    """Any error but a full disk, a passing one or a forbidden character is a defect: raised on, it becomes a 500 with a traceback."""
    if is_disk_full(error):
        return disk_full()
    if is_passing(error):
        return Unavailable("The database of this service is not reachable.", code="database_unavailable", resolve="Try again in a moment.")
    if is_not_storable(error):
        return Malformed("The request has a character that can't be kept.", code="character_not_allowed", resolve="Leave out U+0000.")
    raise error


def _http_exception(error: HTTPException) -> Response:
    phrase = HTTPStatus(error.status_code).phrase
    code, detail, resolve = _WORDS.get(error.status_code, (phrase.lower().replace(" ", "_"), f"{phrase}.", None))
    return problem_response(FrameworkError(error.status_code, detail, code=code, resolve=resolve), error.headers)
