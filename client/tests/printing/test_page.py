"""What a command writes to a terminal, and what to a pipe."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import pytest

from placet_client.printing.form import Form, printed_as
from placet_client.printing.page import note, show_facts, show_finding, show_line, show_names, show_table, show_warning

ROWS = [("fraud", "a word " * 12), ("\x1b[2J\u202e", "")]
COLUMNS = (("model", lambda row: row[0]), ("said", lambda row: row[1]))
NARROW = (("name", lambda row: row[0]),)
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def shown(self) -> str:
        """What is seen of it, without colours."""
        return ESCAPE.sub("", self.getvalue())


@contextmanager
def terminal(**variables: str) -> Iterator[Terminal]:
    """Both streams lead to it; it has 40 columns."""
    made = Terminal()
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(made), redirect_stderr(made):
        for name in ("NO_COLOR", "FORCE_COLOR"):
            patched.delenv(name, raising=False)
        for name, value in {"TERM": "xterm-256color", "COLUMNS": "40", **variables}.items():
            patched.setenv(name, value)
        yield made


def test_pipe_has_no_colour_and_no_line_is_folded(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    show_table(COLUMNS, ROWS, "nothing")
    show_line("word " * 60, "bold red")
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert [len(line) > 80 for line in said.splitlines()] == [False, True, False, True]


def test_terminal_has_colours_and_lines_that_fit() -> None:
    with terminal() as made:
        show_line("word " * 60, "bold red")
        show_facts([("name", "word " * 60)])
    assert "\x1b[1;31m" in made.getvalue()
    assert max(map(len, made.shown().splitlines())) <= 40


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_terminal_where_no_colour_is_wanted_has_none(variables: dict[str, str]) -> None:
    with terminal(**variables) as made:
        show_line("denied", "red")
    assert made.getvalue() == "denied\n"


def test_what_services_send_never_steers_a_terminal() -> None:
    with terminal() as made:
        show_table(COLUMNS, ROWS, "nothing")
        show_warning("\x1b[2J\u202e")
    assert made.shown().count("�[2J�") == 2
    assert "\x1b" not in made.shown()
    assert "\u202e" not in made.shown()


def test_tab_is_as_wide_as_it_is_shown() -> None:
    with terminal() as made:
        show_table(COLUMNS, [("a\tb", "1"), ("c" * 9, "2")], "nothing")
    _, first, second = made.shown().splitlines()
    assert (first.index("1"), "\t" in first) == (second.index("2"), False)


def test_terminal_that_is_too_narrow_gets_the_narrow_columns_and_else_cards() -> None:
    long = [("n" * 30, "x" * 30)]
    with terminal() as made:
        show_table(COLUMNS, long, "nothing", narrow=NARROW)
    assert made.shown() == f"name\n{'n' * 30}\n"
    with terminal() as made:
        show_table(COLUMNS, long, "nothing")
    assert made.shown().splitlines() == [f"model:  {'n' * 30}", f"said:   {'x' * 30}"]


def test_names_alone_are_all_that_quiet_leaves_of_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    with printed_as(Form.TABLE, names_only=True):
        show_names(row[0] for row in ROWS)
        show_table(COLUMNS, ROWS, "nothing")
        show_table(COLUMNS, [], "nothing")
        show_facts([("name", "fraud")])
        show_line("A line.")
        note("A note.")
        show_warning("A warning.")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("fraud\n�[2J�\n", "A warning.\n")


def test_names_are_no_part_of_what_is_not_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    show_names(["fraud"])
    with printed_as(Form.JSON, names_only=True):
        show_names(["fraud"])
    assert capsys.readouterr().out == ""


def test_finding_is_wrapped_under_its_own_text() -> None:
    with terminal() as made:
        show_finding("warn  disk  ", "little is free for the data \x1b[2J folder of Placet")
    assert made.shown() == "warn  disk  little is free for the data\n            �[2J folder of Placet\n"
    with terminal(COLUMNS="35") as made:
        show_finding("warn  disk  ", "little is free for the data folder")
    assert made.shown() == "warn disk little is free for the\ndata folder\n"
