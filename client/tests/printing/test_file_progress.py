"""The line that shows how far the work on a large file is."""

import io
import re
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from placet_client.printing.file_progress import file_progress
from placet_client.printing.form import Form, printed_as
from placet_client.progress import Progress

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
REMOVES_THE_LINE = "\x1b[2K"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def lines(self) -> list[str]:
        """What stood on it, without control sequences."""
        return [line.rstrip() for line in re.split(r"[\r\n]", CONTROL.sub("", self.getvalue())) if line.strip()]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm-256color")
    return Terminal()


def send(terminal: io.StringIO, name: str = "model.onnx", seconds: int = 1, parts: int = 5) -> None:
    """Parts of 10 MB, each of which takes so many seconds."""
    with file_progress(terminal, count(0, seconds).__next__) as tell:
        for part in range(parts + 1):
            if tell:
                tell(Progress("sending", Path("folder") / name, part * 10**7, parts * 10**7))


def test_line_has_bytes_rate_and_time_and_is_gone_afterwards(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    send(terminal)
    assert re.match(r"sending model\.onnx .*/50\.0 MB .*[0-9?-]:[0-9-]", terminal.lines()[0])
    assert terminal.getvalue().rindex(REMOVES_THE_LINE) > terminal.getvalue().rindex("MB")
    assert terminal.getvalue().count("\x1b[?25h") == 1  # the cursor is shown again


@pytest.mark.parametrize(("columns", "shown"), [(71, "MB"), (40, "MB"), (39, "%"), (24, "%")])
def test_narrow_terminal_has_one_line_that_fits(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, columns: int, shown: str) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    send(terminal, name="a-long-name-of-a-model.onnx" * 3)
    assert all(line.startswith("sending") and len(line) <= columns for line in terminal.lines())
    assert shown in terminal.lines()[0]


def test_name_with_control_characters_and_markup_does_not_steer_the_terminal(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    send(terminal, name="[red]\x1b[2J\x07.onnx")
    assert "\x1b[2J" not in terminal.getvalue()
    assert "\x07" not in terminal.getvalue()
    assert "[red]" in terminal.lines()[0]


def test_file_that_takes_no_time_has_no_line(terminal: Terminal) -> None:
    send(terminal, seconds=0)
    assert terminal.getvalue() == ""


def test_pipe_document_and_quiet_have_no_line(terminal: Terminal) -> None:
    pipe = io.StringIO()
    send(pipe)
    with printed_as(Form.JSON, names_only=False):
        send(terminal)
    with printed_as(Form.TABLE, names_only=True):
        send(terminal)
    assert pipe.getvalue() == terminal.getvalue() == ""


def test_work_that_begins_anew_or_fails_leaves_no_line(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    with suppress(KeyboardInterrupt):
        break_off(terminal)
    assert terminal.getvalue().count("\x1b[?25l") == terminal.getvalue().count("\x1b[?25h") == 2


def break_off(terminal: Terminal) -> None:
    """A file is sent again, and then a person has enough of it."""
    with file_progress(terminal, count().__next__) as tell:
        for done in (0, 10, 20, 0, 10):
            if tell:
                tell(Progress("sending", Path("model.onnx"), done, 100))
        raise KeyboardInterrupt
