"""What is read of a CSV file before it is registered."""

from pathlib import Path

import pytest

from placet_client import ClientError
from placet_client.csv_files import CsvFacts, csv_facts


def facts_of(folder: Path, content: str | bytes, delimiter: str = ",") -> CsvFacts:
    file = folder / "data.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return csv_facts(file, delimiter)


def test_columns_are_told_apart_and_rows_counted(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, 'age,name,score,empty\n31,"Smith, J",.5,\n44,"two\nlines",-1e-3,\n,x,,\n')
    assert facts.columns == (("age", "number"), ("name", "text"), ("score", "number"), ("empty", "text"))
    assert facts.rows == 3


@pytest.mark.parametrize("cell", ["nan", "inf", "1_000", " 1", "1e", "0x1", "٣", "12 %"])
def test_cell_that_verification_takes_for_no_number_makes_a_column_of_text(tmp_path: Path, cell: str) -> None:
    assert facts_of(tmp_path, f"x\n1\n{cell}\n2\n").columns == (("x", "text"),)


def test_cell_that_holds_what_separates_cells_is_no_number(tmp_path: Path) -> None:
    assert facts_of(tmp_path, 'x,y,z\n"1\x1f2",3,"4,5"\n').columns == (("x", "text"), ("y", "number"), ("z", "text"))


def test_other_delimiter_a_byte_order_mark_and_empty_lines_are_understood(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, b"\xef\xbb\xbfage;label\r\n\r\n31;0\r\n\r\n", ";")
    assert facts == CsvFacts((("age", "number"), ("label", "number")), 1)


def test_header_alone_has_no_rows(tmp_path: Path) -> None:
    assert facts_of(tmp_path, "x,y") == CsvFacts((("x", "text"), ("y", "text")), 0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no header line"),
        (b"\n\n", "no header line"),
        (b"x,y\n1,2\n1\n", "line 3: 1 cells under 2 columns"),
        (b'x,y\n1,"2\n', "line 2"),
        (b"x\n\xff\n", "not UTF-8"),
        (b'x\n"a"b\n', "line 2"),
    ],
)
def test_file_that_is_no_csv_with_a_header_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(ClientError, match=said) as refused:
        facts_of(tmp_path, content)
    assert refused.value.resolve
