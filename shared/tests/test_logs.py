"""Log lines: JSON, one per record, no secrets."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placet_shared.logs import JsonFormatter, configure_logging, hide_secrets, logging_config, request_id
from placet_shared.tokens import new_token


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a logger named `probe` writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter("registry"))
    logger = logging.getLogger("probe")
    logger.addHandler(handler)
    logger.setLevel("DEBUG")
    yield stream
    logger.removeHandler(handler)


def only(stream: io.StringIO) -> dict[str, Any]:
    (line,) = stream.getvalue().splitlines()
    parsed: dict[str, Any] = json.loads(line)
    return parsed


def test_line_of_a_plain_record(lines: io.StringIO) -> None:
    logging.getLogger("probe").info("appended %d events", 3)
    line = only(lines)
    assert line.pop("time").endswith("Z")
    assert line == {"level": "info", "logger": "probe", "message": "appended 3 events", "service": "registry"}


def test_line_within_a_request(lines: io.StringIO) -> None:
    mark = request_id.set("0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f")
    logging.getLogger("probe").info("hello")
    request_id.reset(mark)
    assert only(lines)["request_id"] == "0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"


def test_line_with_extra_of_any_kind(lines: io.StringIO) -> None:
    logging.getLogger("probe").info("x", extra={"port": 1, "nan": float("nan"), "set": {1}, "thing": object, "deep": {"a": [None]}})
    assert only(lines)["extra"] == {"port": 1, "nan": "nan", "set": [1], "thing": "<class 'object'>", "deep": {"a": [None]}}


def test_line_with_newlines_and_broken_text() -> None:
    # Past the logging of the test run, which can't report such a text.
    line = JsonFormatter("registry").format(logging.LogRecord("probe", logging.INFO, "", 0, "a\nb \ud800 é", None, None))
    assert len(line.splitlines()) == 1
    assert json.loads(line)["message"] == "a\nb \ud800 é"


def test_line_with_secrets_everywhere(lines: io.StringIO) -> None:
    token = new_token()
    try:
        raise ValueError(f"Authorization: Bearer {token}")
    except ValueError:
        logging.getLogger("probe").exception("got %s", token, extra={"dsn": "postgresql://me:hunter2@db/placet", "list": [token]})
    line = only(lines)
    assert token not in lines.getvalue()
    assert "hunter2" not in lines.getvalue()
    assert line["extra"]["dsn"] == "postgresql://me:[hidden]@db/placet"
    assert "ValueError" in line["exception"]


@given(st.text(), st.text())
def test_line_is_json_whatever_is_logged(message: str, value: str) -> None:
    record = logging.makeLogRecord({"msg": message, "levelname": "INFO", "name": "probe", "given": value})
    line = JsonFormatter("registry").format(record)
    assert "\n" not in line
    assert json.loads(line)["service"] == "registry"


def test_hide_secrets_with_a_header_in_json() -> None:
    assert json.loads(hide_secrets('{"a":"Bearer abc.def","b":"x"}')) == {"a": "Bearer [hidden]", "b": "x"}


def test_configuration_sends_the_servers_loggers_through_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    try:
        configure_logging("registry", "info")
        logging.getLogger("uvicorn.error").info("Started", extra={"color_message": "\x1b[36mStarted"})
        logging.getLogger("uvicorn.access").debug("not at this level")
        logging.getLogger("httpx").info("not of interest")
    finally:
        root.handlers[:], root.level = before
    assert only(stream)["logger"] == "uvicorn.error"
    assert "extra" not in only(stream)


def test_configuration_at_debug_level_keeps_the_clients_lines() -> None:
    assert logging_config("registry", "debug")["loggers"]["httpx"] == {"level": "NOTSET"}
