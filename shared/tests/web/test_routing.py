"""The table of routes finds what Starlette would find, and each route is compiled into what FastAPI would have done."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, BackgroundTasks, Body, Cookie, Depends, FastAPI, Header, Path, Query, Request, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount, Route
from starlette.types import Scope

from placet_shared.service.application import ServiceApp
from placet_shared.service.identity import CurrentActor
from placet_shared.web.routing import RouteTable

router = APIRouter()
CALLED: list[str] = []


class Wanted(BaseModel):
    colour: str
    size: int = 7


class Item(BaseModel):
    name: str


def counted() -> str:
    CALLED.append("counted")
    return "counted"


async def twice(one: Annotated[str, Depends(counted)], other: Annotated[str, Depends(counted)]) -> list[str]:
    return [one, other]


def bounded(most: Annotated[int, Query(ge=1)] = 3) -> int:
    return most


@router.get("/things/literal")
async def literal() -> dict[str, str]:
    return {"route": "literal"}


@router.get("/things/{thing}")
async def template(thing: Annotated[int, Path(ge=1)]) -> dict[str, int]:
    return {"thing": thing}


@router.put("/things/{thing}")
async def put_template(thing: str) -> dict[str, str]:
    return {"put": thing}


@router.get("/files/{path:path}")
async def rest_of_path(path: str) -> dict[str, str]:
    return {"path": path}


@router.get("/shared")
async def shared(pair: Annotated[list[str], Depends(twice)], again: Annotated[str, Depends(counted)]) -> list[str]:
    return [*pair, again]


@router.get("/lists")
async def lists(
    tag: Annotated[list[str] | None, Query()] = None, one: str = "none", last_event_id: Annotated[str | None, Header()] = None
) -> dict[str, Any]:
    return {"tag": tag, "one": one, "last": last_event_id}


@router.get("/models")
async def models(wanted: Annotated[Wanted, Query()]) -> Wanted:
    return wanted


@router.get("/unset", response_model=Wanted, response_model_exclude_unset=True)
async def unset() -> Wanted:
    return Wanted(colour="red")


@router.post("/several/{thing}", status_code=201)
async def several(thing: int, item: Item, most: Annotated[int, Depends(bounded)]) -> dict[str, Any]:
    return {"thing": thing, "item": item.name, "most": most}


@router.post("/optional")
async def optional(item: Item | None = None) -> dict[str, Any]:
    return {"item": item and item.name}


@router.post("/guarded")
async def guarded(actor: CurrentActor, item: Item) -> dict[str, str]:
    return {"item": item.name}


@pytest.fixture
def app(build_app: Callable[..., FastAPI]) -> FastAPI:
    return build_app(router)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/things/literal", {"route": "literal"}),
        ("/things/12", {"thing": 12}),
        ("/files/a", {"path": "a"}),
        ("/files/a/b/c/d/e/f", {"path": "a/b/c/d/e/f"}),
        ("/lists?tag=a&tag=b&one=1&one=2", {"tag": ["a", "b"], "one": "2", "last": None}),
        ("/lists", {"tag": None, "one": "none", "last": None}),
        ("/models?colour=red", {"colour": "red", "size": 7}),
        ("/unset", {"colour": "red"}),
    ],
)
async def test_path_leads_to_its_endpoint_with_its_values(client: httpx.AsyncClient, path: str, answer: Any) -> None:
    assert (await client.get(path)).json() == answer


async def test_header_with_an_underscore_in_its_parameter(client: httpx.AsyncClient) -> None:
    assert (await client.get("/lists", headers={"Last-Event-ID": "9"})).json()["last"] == "9"


async def test_method_that_only_the_template_knows(client: httpx.AsyncClient) -> None:
    assert (await client.put("/things/literal")).json() == {"put": "literal"}


async def test_allow_names_the_methods_of_every_route_that_fits(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/things/literal")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PUT")


@pytest.mark.parametrize("path", ["/things", "/things/1/2", "/files", "/nothing", "/THINGS/literal", "/things/literal/"])
async def test_path_that_no_route_fits(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_address")


async def test_dependency_that_several_need_is_called_once(client: httpx.AsyncClient) -> None:
    CALLED.clear()
    assert (await client.get("/shared")).json() == ["counted", "counted", "counted"]
    assert CALLED == ["counted"]


async def test_all_that_is_wrong_is_in_one_answer(client: httpx.AsyncClient) -> None:
    answer = await client.post("/several/x?most=0", json={})
    assert {error["field"] for error in answer.json()["errors"]} == {"thing", "most", "name"}
    assert (await client.post("/several/1", json={"name": "n"})).json() == {"thing": 1, "item": "n", "most": 3}


@pytest.mark.parametrize(
    ("body", "media_type", "status", "told"),
    [
        (b'{"name": "n"}', "application/json", 201, None),
        (b'{"name": "n"}', "application/json; charset=utf-8", 201, None),
        (b'{"name": "n"}', "application/vnd.placet+json", 201, None),
        (b'{"name": "n"}', "text/plain", 422, "malformed"),
        (b'{"name": "n"}', None, 422, "malformed"),
        (b"", "application/json", 422, "malformed"),
        (b'{"name": ', "application/json", 422, "malformed_json"),
        (b'{"name": "\xff"}', "application/json", 400, "bad_request"),
        (b"[" * 100_000, "application/json", 400, "bad_request"),
    ],
)
async def test_body_is_json_that_says_so(
    client: httpx.AsyncClient, body: bytes, media_type: str | None, status: int, told: str | None
) -> None:
    answer = await client.post("/several/1", content=body, headers={"Content-Type": media_type} if media_type else {})
    assert (answer.status_code, answer.json().get("code")) == (status, told)


async def test_body_that_may_be_left_out(client: httpx.AsyncClient) -> None:
    assert (await client.post("/optional")).json() == {"item": None}
    assert (await client.post("/optional", json={"name": "n"})).json() == {"item": "n"}


async def test_caller_without_a_token_learns_nothing_about_the_body(client: httpx.AsyncClient) -> None:
    answer = await client.post("/guarded", content=b"{broken", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")


async def test_routes_added_one_by_one_keep_their_names(build_app: Callable[..., FastAPI]) -> None:
    app = build_app(router)
    assert isinstance(app, ServiceApp)
    assert app.openapi()["paths"]["/files/{path}"]["get"]["operationId"] == "rest_of_path"


def table(*routes: Any) -> RouteTable:
    added = APIRouter()
    for endpoint, methods in routes:
        added.add_api_route("/one/{name}", endpoint, methods=methods, response_model=None)
    return RouteTable(added.routes)


def scope(method: str = "GET", path: str = "/one/x") -> Scope:
    return {"type": "http", "method": method, "path": path}


async def first(name: str) -> Response:
    return Response(name)


async def second(name: str) -> Response:
    return Response(name)


def test_first_of_two_equal_routes_counts() -> None:
    found = scope()
    table((first, ["GET"]), (second, ["GET", "POST"])).find(found)
    assert (found["route"].endpoint, found["path_params"]) == (first, {"name": "x"})
    table((first, ["GET"]), (second, ["GET", "POST"])).find(posted := scope("POST"))
    assert posted["route"].endpoint is second


def test_method_that_the_address_lacks() -> None:
    with pytest.raises(HTTPException) as raised:
        table((first, ["GET"]), (second, ["PUT"])).find(scope("DELETE"))
    assert (raised.value.status_code, raised.value.headers) == (405, {"Allow": "GET, PUT"})


def yielding() -> Iterator[int]:
    yield 1


def in_a_thread(name: str) -> Response:
    return Response(name)


async def with_yield(name: str, one: Annotated[int, Depends(yielding)]) -> Response:
    return Response(name)


async def with_cookie(name: str, one: Annotated[str, Cookie()]) -> Response:
    return Response(name)


async def with_two_bodies(name: str, one: Item, other: Item) -> Response:
    return Response(name)


async def with_a_named_body(name: str, one: Annotated[int, Body(embed=True)]) -> Response:
    return Response(name)


async def with_tasks(name: str, tasks: BackgroundTasks) -> Response:
    return Response(name)


async def with_its_response(name: str, response: Response) -> dict[str, str]:
    return {"name": name}


@pytest.mark.parametrize(
    "endpoint", [in_a_thread, with_yield, with_cookie, with_two_bodies, with_a_named_body, with_tasks, with_its_response]
)
def test_what_can_not_be_compiled_is_refused_at_start(endpoint: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=r"/one/\{name\}"):
        table((endpoint, ["GET"]))


async def plain(request: Request) -> Response:
    return Response()


def test_route_without_an_endpoint_is_refused_at_start() -> None:
    RouteTable([Route("/plain", plain)])
    with pytest.raises(TypeError, match="no route to one endpoint"):
        RouteTable([Mount("/mounted", routes=[Route("/plain", plain)])])


async def test_middleware_that_would_not_run_is_refused_at_start(build_app: Callable[..., FastAPI]) -> None:
    app = build_app(router)
    app.add_middleware(GZipMiddleware)
    with pytest.raises(TypeError, match="middleware"):
        app.build_middleware_stack()
