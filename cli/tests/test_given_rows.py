"""Rows on the command line: what is read as which value, and what is said about what can't be read."""

from pathlib import Path

import pytest

from placet.given_rows import given_row, rows_of_file
from placet_client.problems import ClientError


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("age=50,income=30000", {"age": "50", "income": "30000"}),
        ("age=", {"age": ""}),
        ("formula=a=b", {"formula": "a=b"}),
        ('age=50,"place=Ulm, Germany"', {"age": "50", "place": "Ulm, Germany"}),
        ("age= 50", {"age": " 50"}),
        ("", {}),
    ],
)
def test_row_is_read_as_it_is_written(text: str, row: dict[str, str]) -> None:
    assert given_row(text) == row


@pytest.mark.parametrize("text", ["age", "=50", "age=50,income", "age=50,age=51", '"age=50'])
def test_row_that_is_none_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ClientError) as refused:
        given_row(text)
    assert "--row" in (refused.value.resolve or "") or "twice" in refused.value.detail


def test_file_is_read_by_its_header(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text('\ufeffage,place\n50,"Ulm, Germany"\n\n51,\n', encoding="utf-8")
    assert rows_of_file(file) == [{"age": "50", "place": "Ulm, Germany"}, {"age": "51", "place": ""}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no header line"),
        (b"age,age\n1,2\n", "no header line"),
        (b"age\n", "no row"),
        (b"age,income\n1,2\n3\n", "row 2: 1 cells under 2 columns"),
        (b"age\n" + b"1\n" * 21, "more than 20 rows"),
        (b"age\n\xff\n", "can't be read"),
        (b'age\n"1\n', "can't be read"),
    ],
)
def test_file_that_can_not_be_tried_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(content)
    with pytest.raises(ClientError, match=said):
        rows_of_file(file)
