"""Cursors as they are written and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placet_shared.bus.cursors import Cursor
from placet_shared.errors import Malformed

ID = "0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c12"


@given(st.builds(Cursor, st.integers(1, 10**9 - 1), st.integers(1, 10**18 - 1), st.uuids().map(str)))
def test_cursor_is_read_as_it_was_written(cursor: Cursor) -> None:
    assert Cursor.parse(str(cursor)) == cursor


def test_beginning_is_written_as_nothing() -> None:
    assert str(Cursor()) == ""
    assert Cursor.parse("") == Cursor()


@pytest.mark.parametrize(
    "text",
    [
        "1", "1:2", f"1:2:{ID}:3", f":2:{ID}", f"-1:2:{ID}", f"1:-2:{ID}", f"1:0:{ID}", f"1:+2:{ID}", f"1: 2:{ID}", f"1_0:2:{ID}",
        f"1:{10**18}:{ID}", f"1:٢:{ID}", "1:2:x", f"1:2:{ID.upper()}", f"1:2:{{{ID}}}", f"1:2:urn:uuid:{ID}", f"1:2:{ID}\n",
    ],
)  # fmt: skip
def test_what_no_feed_gave_is_malformed(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        Cursor.parse(text)
    assert [error.field for error in refused.value.errors] == ["after"]
