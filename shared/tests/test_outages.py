"""A broker that is away fills no log: one warning, however often its client says so."""

import io
import json
import logging
import sys

import pytest

from placet_shared.logs import configure_logging
from placet_shared.outages import SILENCE_SECONDS, OneWarningAnOutage


def record(message: str, at: float, *, logger: str = "aiokafka", level: int = logging.ERROR) -> logging.LogRecord:
    made = logging.LogRecord(logger, level, "", 0, message, (), None)
    made.created = at
    return made


def test_outage_is_one_warning_however_long_it_lasts() -> None:
    quiet = OneWarningAnOutage()
    first, *others = [record("Unable connect to node with id %s: %s", float(second)) for second in range(0, 1000, 5)]
    assert quiet.filter(first)
    assert (first.levelno, first.levelname) == (logging.WARNING, "WARNING")
    assert not any(map(quiet.filter, others))


def test_next_outage_is_another_warning() -> None:
    quiet = OneWarningAnOutage()
    times = (0.0, 1.0, 1.0 + SILENCE_SECONDS, 2.0 + SILENCE_SECONDS)
    assert [quiet.filter(record('Unable connect to "%s:%s": %s', at)) for at in times] == [True, False, True, False]


@pytest.mark.parametrize("logger", ["aiokafka", "aiokafka.consumer.fetcher"])
def test_all_lines_of_an_outage_are_of_that_outage(logger: str) -> None:
    quiet = OneWarningAnOutage()
    assert quiet.filter(record("Unable connect to node with id %s: %s", 0.0))
    assert not quiet.filter(record("Failed fetch messages from %s: %s", 0.1, logger=logger))
    assert not quiet.filter(record("Unable to update metadata from %s", 0.2, logger=logger))


def test_what_else_is_said_meanwhile_passes_as_it_is() -> None:
    quiet = OneWarningAnOutage()
    assert quiet.filter(record("Unable connect to node with id %s: %s", 0.0))
    others = [record("Topic %s is not authorized for this client", 0.1, logger="aiokafka.cluster")]
    others += [record("Unable connect to a database", 0.1, logger=logger) for logger in ("placet_shared", "aiokafkaesque")]
    assert all(map(quiet.filter, others))
    assert {one.levelno for one in others} == {logging.ERROR}


@pytest.mark.parametrize(("level", "lines"), [("info", ["warning"]), ("debug", ["error"] * 3)])
def test_configured_log_has_one_line_of_an_outage_unless_everything_is_wanted(
    monkeypatch: pytest.MonkeyPatch, level: str, lines: list[str]
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    try:
        configure_logging("registry", level)
        for _ in range(3):
            logging.getLogger("aiokafka").error("Unable connect to node with id %s: %s", 1, "refused")
    finally:
        root.handlers[:], root.level = before
    assert [json.loads(line)["level"] for line in stream.getvalue().splitlines()] == lines
