"""What every request gets: an id, a trace, headers, and a line in the log when it fails."""

import json
import logging
from uuid import UUID

import httpx
import pytest

from placet_shared.logs import JsonFormatter, request_id
from placet_shared.telemetry.spans import new_traceparent, parse_traceparent

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


async def test_request_id_of_the_caller_is_kept(client: httpx.AsyncClient) -> None:
    given = "0193A2F0-6F0E-7CC3-98C4-DC0C0C07398F"
    answer = await client.get("/health/live", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] == given.lower()


@pytest.mark.parametrize("given", ["", "1", "x" * 36, "0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f, evil", '{"a":1}'])
async def test_request_id_that_is_no_uuid_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get("/health/live", headers={"X-Request-Id": given})
    assert UUID(answer.headers["x-request-id"]).version == 7


async def test_request_id_ends_with_the_request(client: httpx.AsyncClient) -> None:
    await client.get("/health/live")
    assert request_id.get() is None


async def test_answers_carry_security_headers(client: httpx.AsyncClient) -> None:
    for path in ("/health/live", "/nowhere", "/raise/Bug"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_unforeseen_error_is_logged_with_its_request(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.setFormatter(JsonFormatter("probe"))
    answer = await client.get("/raise/Bug")
    (line,) = [json.loads(text) for text in caplog.handler.stream.getvalue().splitlines()]
    assert line["request_id"] == answer.headers["x-request-id"]
    assert "RuntimeError: the inner secret of the house" in line["exception"]
    assert line["extra"] == {"method": "GET", "path": "/raise/{name}"}


async def test_debug_level_logs_a_line_per_request(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "placet_shared.web"):
        await client.get("/nowhere")
    (record,) = [record for record in caplog.records if record.message == "answered"]
    assert (vars(record)["path"], vars(record)["status"]) == ("/nowhere", 404)


async def test_info_level_logs_no_line_per_request(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "placet_shared.web"):
        await client.get("/nowhere")
    assert not [record for record in caplog.records if record.name.startswith("placet")]


@pytest.mark.parametrize(
    ("header", "parsed"),
    [
        (f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-01"),
        (f" 00-{TRACE}-{PARENT}-00 ", f"00-{TRACE}-{PARENT}-00"),
        (f"01-{TRACE}-{PARENT}-01-later", f"00-{TRACE}-{PARENT}-01"),
        (f"00-{TRACE}-{PARENT}-01-later", None),
        (f"ff-{TRACE}-{PARENT}-01", None),
        (f"00-{'0' * 32}-{PARENT}-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE.upper()}-{PARENT}-01", None),
        ("", None),
        (None, None),
    ],
)
def test_parse_traceparent(header: str | None, parsed: str | None) -> None:
    assert parse_traceparent(header) == parsed


def test_new_traceparent_can_be_parsed_and_differs_each_time() -> None:
    first, second = new_traceparent(), new_traceparent()
    assert parse_traceparent(first) == first != second
