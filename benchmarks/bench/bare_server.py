"""What the shell is measured against: bare ASGI and bare FastAPI, by the same uvicorn on uvloop; run as a module it prints the port."""

import json
from typing import Any

import uvicorn
from fastapi import FastAPI, Response

from placet_shared.web.server import listen, spare_the_collector

__all__ = ["ASGI", "FASTAPI"]

ASGI = "/asgi"
FASTAPI = "/fastapi"

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json"), (b"content-length", b"2")]}
BODY = {"type": "http.response.body", "body": b"{}"}

framework = FastAPI(openapi_url=None)


@framework.get(FASTAPI)
async def do_nothing() -> Response:
    """One route, no parameter, no middleware."""
    return Response(b"{}", media_type="application/json")


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Bare ASGI at one path, the framework at the other."""
    if scope["type"] == "http" and scope["path"] == ASGI:
        await send(dict(START))
        await send(BODY)
    else:
        await framework(scope, receive, send)


def main() -> None:
    """Serve until SIGTERM."""
    with listen("127.0.0.1", 0) as listener:
        print(json.dumps([listener.getsockname()[1]]), flush=True)
        spare_the_collector()
        uvicorn.Server(uvicorn.Config(app, loop="uvloop", http="httptools", ws="none", log_config=None, access_log=False)).run([listener])


if __name__ == "__main__":
    main()
