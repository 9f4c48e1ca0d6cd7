"""Compiles a route of FastAPI into one function from request to response.

The framework walks the tree of an endpoint's dependencies anew for each request. Here it is walked once, when the application
starts, and becomes a list of steps: first those that others depend on, at last the endpoint. What an endpoint declares, and what the
OpenAPI document says of it, stay the framework's. Two things differ from it: dependencies run before the body is read, so that a
caller without a token learns nothing about its body; and dependencies that are no coroutines run at once, not in a thread.
"""

import inspect
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from email.message import Message
from itertools import chain
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, serialize_response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Route

from placet_shared.web.json_responses import json_response

__all__ = ["Endpoint", "compiled", "query_names"]

Endpoint = Callable[[Request], Awaitable[Response]]
Errors = list[Any]

_MISSING = object()
_JSON = b"application/json"
_UNKNOWN = (
    "cookie_params",
    "websocket_param_name",
    "response_param_name",
    "background_tasks_param_name",
    "security_scopes_param_name",
    "concurrency",
)


def compiled(route: Route) -> Endpoint:
    """Raises `TypeError` for what is not used here: threads, generators, cookies, several bodies, background tasks."""
    if not isinstance(route, APIRoute):
        if not inspect.iscoroutinefunction(route.endpoint):
            raise TypeError(f"{route.path}: an endpoint must be a coroutine function")
        plain: Endpoint = route.endpoint
        return plain
    return _Compiled(route)


def query_names(dependant: Dependant) -> list[str]:
    """The names of all query parameters of an endpoint and what it depends on, each once."""
    names = [field.validation_alias or field.alias for field in dependant.query_params]
    return list(dict.fromkeys(chain(chain.from_iterable(map(query_names, dependant.dependencies)), names)))


@dataclass(frozen=True, slots=True)
class _Parameter:
    """A value from path, query or headers; `default` is of no use where it is `required`."""

    place: str
    name: str
    alias: str
    is_list: bool
    required: bool
    default: Any
    validate: Callable[..., tuple[Any, Errors]]

    def read(self, request: Request, values: dict[str, Any]) -> Errors:
        """Adds the value, or returns what is wrong."""
        given = self._given(request)
        if given is _MISSING:
            if self.required:
                return [{"type": "missing", "loc": (self.place, self.alias), "msg": "Field required", "input": None}]
            values[self.name] = deepcopy(self.default)
            return []
        values[self.name], errors = self.validate(given, {}, loc=(self.place, self.alias))
        return errors

    def _given(self, request: Request) -> Any:
        if self.place == "path":
            return request.path_params.get(self.alias, _MISSING)
        if self.place == "query" and not request.scope["query_string"]:
            return _MISSING
        source: Any = request.query_params if self.place == "query" else request.headers
        return (source.getlist(self.alias) or _MISSING) if self.is_list else source.get(self.alias, _MISSING)


@dataclass(frozen=True, slots=True)
class _ModelOfParameters:
    """The values of the query as one pydantic model, unknown ones too: it may refuse them."""

    name: str
    lists: frozenset[str]
    validate: Callable[..., tuple[Any, Errors]]

    def read(self, request: Request, values: dict[str, Any]) -> Errors:
        """Adds the model, or returns what is wrong."""
        query = request.query_params
        given = {alias: query.getlist(alias) if alias in self.lists else query[alias] for alias in query}
        values[self.name], errors = self.validate(given, {}, loc=("query",))
        return errors


@dataclass(frozen=True, slots=True)
class _Step:
    """A dependency, or the endpoint itself as the last of them."""

    call: Callable[..., Any]
    is_coroutine: bool
    needs: Sequence[tuple[str | None, int]]
    request_name: str | None
    parameters: Sequence[_Parameter | _ModelOfParameters]


class _Compiled:
    """The endpoint of one route."""

    def __init__(self, route: APIRoute) -> None:
        self._route = route
        self._steps: list[_Step] = []
        self._body = _body_of(route)
        self._status = route.status_code or 200
        self._add(route.dependant, {})
        *self._dependencies, self._last = self._steps

    async def __call__(self, request: Request) -> Response:
        """Raises `RequestValidationError` with all that is wrong, and what dependencies and endpoint raise."""
        errors: Errors = []
        results: list[Any] = []
        for step in self._dependencies:
            values = _values_for(step, request, results, errors)
            if values is None:
                results.append(_MISSING)
            else:
                given = step.call(**values)
                results.append(await given if step.is_coroutine else given)
        values = _values_for(self._last, request, results, errors) or {}
        if self._body is not None:
            name, field = self._body
            values[name], wrong = _validated(await _read_json(request), field)
            errors += wrong
        if errors:
            raise RequestValidationError(errors)
        answer = await self._last.call(**values)
        return answer if isinstance(answer, Response) else await self._rendered(answer)

    async def _rendered(self, answer: Any) -> Response:
        """What the endpoint returned, by its response model."""
        route = self._route
        if route.response_field is None:
            return json_response(jsonable_encoder(answer), self._status)
        body = await serialize_response(
            field=route.response_field,
            response_content=answer,
            include=route.response_model_include,
            exclude=route.response_model_exclude,
            by_alias=route.response_model_by_alias,
            exclude_unset=route.response_model_exclude_unset,
            exclude_defaults=route.response_model_exclude_defaults,
            exclude_none=route.response_model_exclude_none,
            dump_json=True,
        )
        return Response(body, self._status, media_type="application/json")

    def _add(self, dependant: Dependant, known: dict[Any, int]) -> int:
        """The place of the dependant's result; one that occurs twice is called once."""
        assert dependant.call is not None
        if dependant.use_cache and dependant.call in known:
            return known[dependant.call]
        if dependant.call is not self._route.endpoint and dependant.body_params:
            raise TypeError(f"{self._route.path}: only the endpoint itself may have a body")
        needs = [(one.name, self._add(one, known)) for one in dependant.dependencies]
        self._steps.append(_step(self._route, dependant, needs))
        known[dependant.call] = len(self._steps) - 1
        return len(self._steps) - 1


def _step(route: APIRoute, dependant: Dependant, needs: Sequence[tuple[str | None, int]]) -> _Step:
    if unknown := [name for name in _UNKNOWN if getattr(dependant, name)]:
        raise TypeError(f"{route.path}: {', '.join(unknown)} can't be compiled")
    call = dependant.call
    assert call is not None
    function = call if inspect.isroutine(call) else type(call).__call__
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(f"{route.path}: a dependency that yields can't be compiled")
    is_coroutine = inspect.iscoroutinefunction(function)
    if call is route.endpoint and not is_coroutine:
        raise TypeError(f"{route.path}: an endpoint must be a coroutine function")
    name = dependant.request_param_name or dependant.http_connection_param_name
    return _Step(call, is_coroutine, needs, name, tuple(_parameters(dependant)))


def _parameters(dependant: Dependant) -> Iterator[_Parameter | _ModelOfParameters]:
    places = {"path": dependant.path_params, "query": dependant.query_params, "header": dependant.header_params}
    for place, fields in places.items():
        for one in fields:
            annotation = one.field_info.annotation
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                if place != "query":
                    raise TypeError(f"{one.name}: a model of parameters must be of the query")
                lists = frozenset(info.alias or name for name, info in annotation.model_fields.items() if _is_list(info.annotation))
                yield _ModelOfParameters(one.name, lists, one.validate)
                continue
            required = one.field_info.is_required()
            default = None if required else one.get_default()
            yield _Parameter(place, one.name, one.validation_alias or one.alias, _is_list(annotation), required, default, one.validate)


def _is_list(annotation: Any) -> bool:
    """Whether every value of a repeated parameter counts."""
    arguments = getattr(annotation, "__args__", ())
    if getattr(annotation, "__origin__", None) in (list, set, frozenset, tuple):
        return True
    return annotation in (list, set, frozenset, tuple) or any(map(_is_list, arguments))


def _body_of(route: APIRoute) -> tuple[str, Any] | None:
    fields = route.dependant.body_params
    if not fields:
        return None
    info = fields[0].field_info
    if len(fields) > 1 or getattr(info, "embed", None):
        raise TypeError(f"{route.path}: a body must be one JSON value")
    return fields[0].name, fields[0]


def _values_for(step: _Step, request: Request, results: Sequence[Any], errors: Errors) -> dict[str, Any] | None:
    """The arguments; None when a dependency or a parameter has errors, which are added."""
    values: dict[str, Any] = {}
    complete = True
    for name, place in step.needs:
        if results[place] is _MISSING:
            complete = False
        elif name is not None:
            values[name] = results[place]
    for parameter in step.parameters:
        if wrong := parameter.read(request, values):
            errors += wrong
            complete = False
    if step.request_name is not None:
        values[step.request_name] = request
    return values if complete else None


async def _read_json(request: Request) -> Any:
    """The body as Python values; the bytes when it is said to be no JSON; raises `RequestValidationError` for broken JSON."""
    body = await request.body()
    if not body:
        return _MISSING
    if not _is_json(request):
        return body
    try:
        return json.loads(body)
    except json.JSONDecodeError as error:
        wrong = {"type": "json_invalid", "loc": ("body", error.pos), "msg": "JSON decode error", "input": {}, "ctx": {"error": error.msg}}
        raise RequestValidationError([wrong]) from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(400) from error


def _is_json(request: Request) -> bool:
    """By the media type: `application/json`, or one whose suffix is `+json` (RFC 6839)."""
    given = request.headers.get("content-type", "")
    if given == "application/json":
        return True
    message = Message()
    message["content-type"] = given
    subtype = message.get_content_subtype()
    return bool(given) and message.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))


def _validated(value: Any, field: Any) -> tuple[Any, Errors]:
    if value is not _MISSING:
        result: tuple[Any, Errors] = field.validate(value, {}, loc=("body",))
        return result
    if field.field_info.is_required():
        return None, [{"type": "missing", "loc": ("body",), "msg": "Field required", "input": None}]
    return field.get_default(), []
