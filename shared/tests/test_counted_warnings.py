"""Warnings that others can cause at will are counted, not repeated."""

import logging

import pytest

from placet_shared.counted_warnings import CountedWarning


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_hundred_thousand_cases_of_one_minute_make_two_lines(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    warning = CountedWarning(logging.getLogger("test"), "messages are passed over", clock)
    for number in range(100_000):
        warning.happened(f"no event at offset {number}")
    assert [record.getMessage() for record in caplog.records] == ["messages are passed over (1 times); the newest: no event at offset 0"]
    clock.now = 59.0
    warning.tell()
    assert len(caplog.records) == 1
    clock.now = 60.0
    warning.tell()
    warning.tell()
    assert [record.getMessage() for record in caplog.records[1:]] == [
        "messages are passed over (99999 times in 60 s); the newest: no event at offset 99999"
    ]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


def test_line_does_not_grow_with_what_others_wrote(caplog: pytest.LogCaptureFixture) -> None:
    CountedWarning(logging.getLogger("test"), "passed over").happened("x" * 1_000_000, times=7)
    assert "(7 times)" in caplog.text
    assert len(caplog.text) < 1_000
