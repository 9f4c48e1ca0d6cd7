"""Rows as a table where it fits, else as cards; nothing is cut, and no id is broken."""

import pytest
from rich.cells import cell_len

from placet_client.printing.tables import cards, facts, table
from placet_client.printing.wrapping import wrapped, wrapped_message

ID = "01a220f5-bc44-75e4-83e8-2703509da129"
DIGEST = "c73c3ac65679d451eb8892d5333c70335addc6c8ee7607a8c707a8558d3ca8c5"
HEADINGS = ("model", "number", "said", "id", "artifact")
WORST = [
    ("fraud", "1", "Better than the rule of thumb that is used today, on data that it has never seen.", ID, DIGEST),
    ("n" * 200, "10", "", ID, DIGEST),
    ("模型" * 60, "2", "这个模型比去年的好" * 20, ID, DIGEST),
    ("e\u0301" * 30, "3", "🎉 ❤\ufe0f " * 40, ID, DIGEST),
    ("lines", "4", "one\ntwo\n\nfour", ID, DIGEST),
]


def words(text: str) -> str:
    """The text without the blanks and line ends that layout adds."""
    return "".join(text.split())


@pytest.mark.parametrize("width", [40, 80, 120, None])
@pytest.mark.parametrize("row", WORST, ids=[row[1] for row in WORST])
def test_card_has_every_value_whole_and_no_line_wider_than_its_widest_word(row: tuple[str, ...], width: int | None) -> None:
    shown = cards(HEADINGS, [row], width).plain
    for value in row:
        assert words(value) in words(shown)
    for word in (ID, DIGEST):
        assert shown.count(word) == 1
    if width:
        too_wide = [line for line in shown.splitlines() if cell_len(line) > width]
        assert set(too_wide) <= {DIGEST, row[0]}, "only one word, alone on its line"


@pytest.mark.parametrize("width", [40, 80])
def test_table_that_does_not_fit_is_none(width: int) -> None:
    assert table(HEADINGS, WORST, width) is None


def test_table_fits_to_the_last_cell_and_not_beyond() -> None:
    assert table(("a", "b"), [("x" * 18, "y" * 20)], 40) is not None
    assert table(("a", "b"), [("x" * 19, "y" * 20)], 40) is None


def test_table_that_fits_keeps_words_whole_and_columns_straight() -> None:
    rows = [row for row in WORST if len(row[0]) < 10]
    found = table(HEADINGS, rows, 160)
    assert found is not None
    lines = found.plain.splitlines()
    assert max(map(cell_len, lines)) <= 160
    assert [line.index(ID) for line in lines if ID in line] == [lines[0].index(" id ") + 1] * len(rows)
    assert found.plain.count(DIGEST) == len(rows)


def test_column_of_prose_is_wrapped_before_there_are_cards() -> None:
    found = table(("kind", "passes when"), [("metric", "the measured value is on the right side of its threshold")], 40)
    assert found is not None
    assert found.plain.splitlines() == [
        "kind    passes when",
        "metric  the measured value is on the",
        "        right side of its threshold",
    ]


def test_column_without_a_value_goes_before_there_are_cards() -> None:
    found = table(("name", "empty heading", "id"), [("a" * 20, "", "b" * 15)], 40)
    assert found is not None
    assert found.plain.splitlines() == [f"name{' ' * 18}id", f"{'a' * 20}  {'b' * 15}"]


def test_table_without_a_width_has_one_line_for_each_row() -> None:
    found = table(HEADINGS, WORST, None)
    assert found is not None
    assert len(found.plain.splitlines()) == 1 + len(WORST)
    assert "one two four" in found.plain


def test_wide_characters_stand_straight() -> None:
    found = table(("name", "id"), [("模型", "1"), ("abcd", "2"), ("e\u0301e\u0301", "3"), ("❤\ufe0f", "4")], 40)
    assert found is not None
    assert [cell_len(line[:-1]) for line in found.plain.splitlines()[1:]] == [6] * 4


def test_facts_that_fit_stand_beside_their_names_and_others_below() -> None:
    shown = facts([("model", "fraud"), ("left out", ""), ("can't sign", "bob: trainer\ncarol: requester"), ("id", ID)], 40).plain
    assert shown.splitlines() == [
        "model:       fraud",
        "can't sign:  bob: trainer",
        "             carol: requester",
        "id:",
        f"  {ID}",
    ]


def test_wide_text_is_broken_between_characters_and_never_from_what_combines() -> None:
    assert list(wrapped("模型e\u0301模\u0301型", 4)) == ["模型", "e\u0301模\u0301", "型"]
    assert list(wrapped("ab模型cd", 4)) == ["ab模", "型cd"]
    assert list(wrapped("模\u0301ab", 2)) == ["模\u0301", "ab"]


def test_message_is_wrapped_under_its_first_word() -> None:
    assert wrapped_message("    → Read the report, or register another.", 24).split("\n") == [
        "    → Read the report,",
        "      or register",
        "      another.",
    ]


def test_command_in_a_message_stays_in_one_line() -> None:
    command = "placet signoff request fraud/1 --environment prod --as alice"
    assert wrapped_message(f"  → Request one, or ask: {command}", 40).split("\n") == ["  → Request one, or ask:", f"    {command}"]
    assert wrapped_message("Next: `placet status --as alice`, or `make demo`.", 24).split("\n") == [
        "Next:",
        "`placet status --as alice`,",
        "or `make demo`.",
    ]
