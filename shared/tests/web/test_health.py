"""Alive, and ready to serve."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
from fastapi import FastAPI

from placet_shared.testing import eventually
from placet_shared.web.health import health_router
from placet_shared.workers import Loop, in_background

Connect = Callable[[FastAPI], httpx.AsyncClient]


async def fine(services: Any) -> str | None:
    return None


async def behind(services: Any) -> str | None:
    return "The schema is one migration behind."


async def broken(services: Any) -> str | None:
    raise RuntimeError("the inner secret of the house")


async def silent(services: Any) -> str | None:
    await asyncio.Event().wait()
    return None


async def test_live_without_a_token(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"status": "live"}


async def test_ready_with_everything_there(build_app: Callable[..., FastAPI], connect_to: Connect) -> None:
    async with connect_to(build_app(ready={"database": fine})) as client:
        assert (await client.get("/health/ready")).json() == {"status": "ready", "version": "1"}


async def test_ready_names_what_is_missing(build_app: Callable[..., FastAPI], connect_to: Connect) -> None:
    checks = {"database": fine, "schema": behind, "feed": broken, "peer": silent}
    async with connect_to(build_app(health_router(checks, patience=0.01))) as client:
        answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "not_ready", "1")
    assert answer.json()["detail"] == "Not ready: schema, feed, peer."
    assert answer.json()["facts"]["missing"] == {
        "schema": "The schema is one migration behind.",
        "feed": "The check failed (RuntimeError).",
        "peer": "No answer within 0.01 seconds.",
    }


async def test_ready_before_the_service_has_started(app: FastAPI, connect_to: Connect) -> None:
    del app.state.service
    async with connect_to(app) as client:
        assert (await client.get("/health/ready")).json()["facts"]["missing"] == {"start": "The service is still starting."}


async def test_loop_that_fails_is_named_without_what_its_error_quotes(app: FastAPI, connect_to: Connect) -> None:
    """The address is open without a token, and a database's error may quote a person's name."""

    async def fail() -> None:
        raise ValueError("Key (name)=(carol) already exists at db.internal")

    loop = Loop("probe", fail, every_seconds=3600, first_pause_seconds=3600)
    app.state.service = replace(app.state.service, own_loops=[loop])
    async with in_background(loop.run()), connect_to(app) as client:
        await eventually(lambda: loop.failures)
        answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "version": "1", "failing": {"probe": "ValueError"}})
