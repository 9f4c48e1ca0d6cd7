"""`/metrics`: what Prometheus reads."""

import asyncio
from collections.abc import Callable, Mapping

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from placet_shared.telemetry.instruments import Instrument
from placet_shared.telemetry.meters import Attributes, Meters

Connect = Callable[[FastAPI], httpx.AsyncClient]
THINGS = Instrument("placet.things", "gauge", "{thing}", "Things.", ("kind",))
ACTS = Instrument("placet.acts", "counter", "{act}", "Acts.")


def samples(text: str) -> Mapping[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(text)
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


async def counted(client: httpx.AsyncClient) -> set[tuple[str, str, str, float]]:
    """(method, route, status, requests) of each series."""
    answer = await client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = samples(answer.text)
    labels = ("http_request_method", "http_route", "http_response_status_code")
    return {
        (*(dict(given).get(label, "") for label in labels), value)  # type: ignore[misc]
        for (name, given), value in found.items()
        if name == "http_server_request_duration_seconds_count"
    }


async def test_requests_are_counted_by_method_route_and_status(client: httpx.AsyncClient) -> None:
    await client.get("/raise/NotFound")
    await client.get("/raise/Conflict")
    await client.get("/whoami")
    assert await counted(client) == {
        ("GET", "/raise/{name}", "404", 1),
        ("GET", "/raise/{name}", "409", 1),
        ("GET", "/whoami", "401", 1),
    }


async def test_what_a_caller_typed_makes_no_series(client: httpx.AsyncClient) -> None:
    for path in ("/nowhere/1", "/nowhere/2", "/nowhere/3"):
        await client.get(path)
    await client.request("INVENTED", "/nowhere")
    assert await counted(client) == {("GET", "", "404", 3), ("_OTHER", "", "404", 1)}


async def test_health_and_metrics_are_not_counted(client: httpx.AsyncClient) -> None:
    await client.get("/health/live")
    await client.get("/metrics")
    assert await counted(client) == set()


async def test_applications_in_one_process_do_not_mix(build_app: Callable[..., FastAPI], connect_to: Connect) -> None:
    async with connect_to(build_app()) as first, connect_to(build_app()) as second:
        await first.get("/whoami")
        assert await counted(first) == {("GET", "/whoami", "401", 1)}
        assert await counted(second) == set()


async def test_a_flood_of_scrapes_asks_the_database_a_few_questions_at_a_time() -> None:
    meters = Meters("probe")
    asked = at_once = most_at_once = 0

    async def ask() -> list[tuple[float, Attributes]]:
        nonlocal asked, at_once, most_at_once
        asked, at_once = asked + 1, at_once + 1
        most_at_once = max(most_at_once, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        return [(asked, {"kind": "a"})]

    for number in range(6):
        meters.asked(Instrument(f"placet.things.{number}", "gauge", "{thing}", "Things.", ("kind",)), ask)
    await asyncio.gather(*[meters.look() for _ in range(100)])
    assert (asked, most_at_once) == (12, 2), "one look was under way, and one began after the others had asked"
    await meters.look()
    assert asked == 18


async def test_gauge_shows_what_the_database_said_last() -> None:
    meters = Meters("probe")
    answers: list[int] = [3]

    async def ask() -> list[tuple[float, Attributes]]:
        return [(answers.pop(), {"kind": "small"})]

    meters.asked(THINGS, ask)
    for _ in range(2):  # the second time nothing is left to be said
        await meters.look()
        assert samples(meters.exposition().decode())["placet_things", (("kind", "small"),)] == 3


async def test_counter_is_named_as_prometheus_wants_it() -> None:
    meters = Meters("probe")
    meters.counter(ACTS)(2, {})
    assert samples(meters.exposition().decode())["placet_acts_total", ()] == 2


async def test_switched_off_there_is_nothing_to_read(
    build_app: Callable[..., FastAPI], connect_to: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    async with connect_to(build_app()) as client:
        await client.get("/whoami")
        answer = await client.get("/metrics")
    assert (answer.status_code, answer.text) == (200, "")
