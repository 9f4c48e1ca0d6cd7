"""Log lines: JSON, one per record, no secrets."""

import io
import json
import logging
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placet_shared.logs import JsonFormatter, configure_logging, hide_secrets, logging_config, request_id, shortened
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


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("postgres://u:p@h and amqp://v:q@h", "postgres://u:[hidden]@h and amqp://v:[hidden]@h"),
        ("https://h:80/a://u:p@h", "https://h:[hidden]@h"),
        ("https://h/a://u:p@h", "https://h/a://u:[hidden]@h"),
        ("https://h:80 a@b", "https://h:80 a@b"),
        ("x://:p@h ://:@h", "x://:[hidden]@h ://:@h"),
    ],
)
def test_hide_secrets_with_passwords_in_urls(text: str, hidden: str) -> None:
    assert hide_secrets(text) == hidden


@pytest.mark.parametrize("piece", ["://:", "://a", "://:@", "https://u:p@h ", "bearer ", "basic", " ", "placet_", f"placet_{'a' * 20}_"])
def test_hide_secrets_takes_linear_time_for(piece: str) -> None:
    """Of this process, not of the clock; a quadratic pattern would take 256 times as long."""

    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        began = time.process_time()
        hide_secrets(text)
        return time.process_time() - began

    assert seconds(320_000) <= 64 * max(min(seconds(20_000) for _ in range(3)), 0.001)


def test_shortened_with_secrets_at_the_cut() -> None:
    assert shortened("x" * 10, 10) == "x" * 10
    assert shortened("x" * 5000, 10) == "x" * 9 + "…"
    assert "hunter2" not in shortened("x" * 180 + "://u:hunter2" + "y" * 5000, 200)
    assert new_token()[:20] not in shortened("x" * 170 + new_token(), 200)


def test_line_of_a_long_record_is_cut(lines: io.StringIO) -> None:
    logging.getLogger("probe").info("x" * 100_000, extra={"body": "y" * 100_000})
    assert len(lines.getvalue()) < 40_000
    assert only(lines)["message"].endswith("…")


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
