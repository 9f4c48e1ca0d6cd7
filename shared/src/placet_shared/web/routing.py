"""The routes of an application as one table, made when it starts.

The framework asks its routers, and these their routes, one after the other; with a table a request costs a few microseconds however
many routes there are. Routes are matched as Starlette matches them: the first that fits, in the order in which they were added.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.convertors import Convertor, PathConvertor
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route
from starlette.types import Scope

from placet_shared.web.endpoints import Endpoint, compiled

__all__ = ["RouteTable"]


@dataclass(frozen=True, slots=True)
class _Path:
    """All routes with the same path, by method."""

    regex: re.Pattern[str]
    convertors: Mapping[str, Convertor[Any]]
    segments: int
    is_open: bool
    routes: dict[str, tuple[Route, Endpoint]] = field(default_factory=dict)

    def may_fit(self, segments: int) -> bool:
        """Whether a path with so many segments can match."""
        return segments >= self.segments if self.is_open else segments == self.segments

    def parameters(self, path: str) -> dict[str, Any] | None:
        """The path's parameters; None when it does not match."""
        match = self.regex.match(path)
        if match is None:
            return None
        return {name: self.convertors[name].convert(value) for name, value in match.groupdict().items()}


class RouteTable:
    """Raises `TypeError` for a route that has no endpoint that can be compiled."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        paths: dict[str, _Path] = {}
        for route in routes:
            if not isinstance(route, Route):
                raise TypeError(f"{route!r} is no route to one endpoint: add the routes of a router one by one")
            known = paths.setdefault(route.path, _path_of(route))
            for method in route.methods or ():
                known.routes.setdefault(method, (route, compiled(route)))
        self._literal = {path: known for path, known in paths.items() if not known.convertors}
        self._templates = [known for known in paths.values() if known.convertors]
        self._by_segments: dict[int, list[_Path]] = {}
        self._most = max((known.segments for known in self._templates), default=0) + 1

    def find(self, scope: Scope) -> Endpoint:
        """The endpoint; sets `route` and `path_params` in the scope. Raises `HTTPException` 404, or 405 with `Allow`."""
        path, method = scope["path"], scope["method"]
        known = self._literal.get(path)
        if known is not None and (found := known.routes.get(method)) is not None:
            return _found(scope, found, {})
        allowed = set(known.routes) if known is not None else set()
        for template in self._candidates(path.count("/")):
            if (parameters := template.parameters(path)) is not None:
                if (found := template.routes.get(method)) is not None:
                    return _found(scope, found, parameters)
                allowed.update(template.routes)
        if allowed:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})
        raise HTTPException(404)

    def _candidates(self, segments: int) -> list[_Path]:
        segments = min(segments, self._most)
        candidates = self._by_segments.get(segments)
        if candidates is None:
            candidates = self._by_segments[segments] = [one for one in self._templates if one.may_fit(segments)]
        return candidates


def _found(scope: Scope, found: tuple[Route, Endpoint], parameters: dict[str, Any]) -> Endpoint:
    scope["route"], scope["path_params"] = found[0], parameters
    return found[1]


def _path_of(route: Route) -> _Path:
    is_open = any(isinstance(convertor, PathConvertor) for convertor in route.param_convertors.values())
    return _Path(route.path_regex, route.param_convertors, route.path.count("/"), is_open)
