"""The fast reader reads what the exact one reads, or leaves the file to it; it never reads more."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placet_verification.adapters.evaluation import csv_blocks, dataset
from placet_verification.adapters.evaluation.columns import Column
from placet_verification.adapters.evaluation.csv_blocks import read_blocks
from placet_verification.adapters.evaluation.csv_rows import CELL_LIMIT, read_rows
from placet_verification.adapters.evaluation.dataset import LARGE, read_dataset
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.domain.result import Evaluation
from placet_verification.ports import Refusal

from .. import builders, onnx_models

LABEL = Column("y", "class", classes={"0": 0, "1": 1, "yes": 2})
KINDS = ["float32", "float64", "int32", "int64", "bool", "string"]


def exact(raw: bytes, columns: list[Column], delimiter: str = ",") -> list[Any] | None:
    try:
        return read_rows(raw, columns, delimiter)
    except Refused:
        return None


def same(raw: bytes, columns: list[Column], delimiter: str = ",") -> bool:
    """Whether the fast reader reads the file; it must agree then."""
    found = read_blocks(raw, columns, delimiter)
    if found is None:
        return False
    expected = exact(raw, columns, delimiter)
    assert expected is not None, raw
    for values, others in zip(found, expected, strict=True):
        assert values.dtype == others.dtype
        assert values.tolist() == others.tolist() or np.array_equal(values, others, equal_nan=True)
    return True


@pytest.mark.parametrize("kind", KINDS)
def test_plain_files_are_read(kind: str) -> None:
    cells = {"bool": ["true", "FALSE", "0"], "string": ["x", "ÿ z", ""]}.get(kind, ["1", "-20", "2147483647"])
    raw = "y,a\n" + "".join(f"{label},{cell}\n" for label, cell in zip(["0", "yes", "1"], cells, strict=True))
    ends = [raw, raw.replace("\n", "\r\n"), raw + "\n\r\n", raw.rstrip("\n")]
    for text in (*ends, "\ufeff" + raw, raw.replace("y,a", '"y","a"')):
        assert same(text.encode(), [LABEL, Column("a", kind)])
    assert same(raw.replace(",", ";").encode(), [LABEL, Column("a", kind)], ";")
    assert same(raw.replace(",", "\t").encode(), [LABEL, Column("a", kind)], "\t")


def test_numbers_are_rounded_as_python_rounds_them() -> None:
    numbers = np.random.default_rng(5).normal(size=2000) * 10.0 ** np.random.default_rng(6).integers(-300, 300, 2000)
    raw = "y,a\n" + "".join(f"0,{number!r}\n" for number in numbers.tolist())
    assert same(raw.encode(), [LABEL, Column("a", "float64")])


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        *(
            (cell, "float64")
            for cell in (" 1", "1 ", "\t1", "nan", "NaN", "inf", "-Infinity", "1e400", "0x1p3", "1_0", "", "1,", '"1"', "1\r", "١")
        ),
        *((cell, "float32") for cell in ("1e39", "-3.5e38")),
        *((cell, "int64") for cell in ("0x1F", "9223372036854775808", "00000000000000000001", "1.0", " 1", "+", "1e3", "")),
        ("2147483648", "int32"),
        *((cell, "bool") for cell in ("yes", "2", "", "t")),
        *((cell, "string") for cell in ('"', 'a"b', "x" * (CELL_LIMIT + 1))),
    ],
)
def test_cells_that_pyarrow_takes_otherwise_are_left_to_the_exact_reader(cell: str, kind: str) -> None:
    assert not same(f"y,a,b\n0,{cell},0\n".encode(), [LABEL, Column("a", kind)])


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\n", b"y,a", b"y,a\n0,1\n0\n", b"y,a\n0,1,2\n", b"y,y\n0,1\n", b"y\n0\n", b"y,a\n2,1\n", b"y,a\r0,1\r", b"\ny,a\n0,1\n",
        b"y,a,b\n0,1\n0,1,2,3\n", b"y,a,b\n0,1,\xff\n", b'y,"a\n0,1\n', b"y,a\n0,1\n \n", b"y,a\n0,1\r1,2\n",
    ],
)  # fmt: skip
def test_files_with_a_mistake_or_of_another_form_are_left_to_the_exact_reader(raw: bytes) -> None:
    assert not same(raw, [LABEL, Column("a", "float64")])


CELLS = st.one_of(
    st.sampled_from(
        ["0", "1", "yes", "", "nan", "inf", "true", "False", " 1", "1 ", '"1"', "+1", "-0", "1.", ".5", "1e5", "1e400", "0x10", "007"]
    ),
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(repr),
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Z", "C"], include_characters=' \t",;'), max_size=4),
)
ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\n\n", "\r"])


@settings(max_examples=600, deadline=None)
@given(
    rows=st.lists(st.tuples(st.sampled_from(["0", "1", "yes"]), CELLS, ENDS), max_size=5),
    kind=st.sampled_from(KINDS),
    nan=st.booleans(),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_whatever_is_in_a_file_both_readers_agree(rows: list[tuple[str, str, str]], kind: str, nan: bool, mark: bytes) -> None:
    text = "y,a\n" + "".join(f"{label},{cell}{end}" for label, cell, end in rows)
    same(mark + text.encode(errors="surrogatepass"), [LABEL, Column("a", kind, nan)])


def test_one_column_may_be_wanted_as_two_types() -> None:
    assert same(b"y,a\n1,2\n", [Column("y", "float64"), Column("y", "int64"), Column("y", "string"), Column("a", "float32")])


@pytest.mark.parametrize("size", range(20, 60))
def test_blocks_end_where_lines_end(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_blocks, "BLOCK", size)
    raw = "y,a\n" + "".join(f"{number % 2},{number**3}\n" for number in range(100))
    assert same(raw.encode(), [LABEL, Column("a", "int64")])
    assert not same(raw.encode() + b"0," + b"1" * size, [LABEL, Column("a", "string")])


def large(last: str = "") -> bytes:
    rows = builders.labelled_rows(1000).decode().split("\n", 1)
    return f"{rows[0]}\n{rows[1] * (LARGE // len(rows[1]) + 1)}{last}".encode()


def test_a_mistake_at_the_end_of_a_large_file_is_refused_by_its_line() -> None:
    lines = large().count(b"\n")
    for last, facts in (
        ("1,two,0\n", {"row": lines + 1, "column": "b", "expected": "a finite number"}),
        ("1,2\n", {"row": lines + 1, "cells": 2, "expected": 3}),
    ):
        with pytest.raises(Refused) as caught:
            read_dataset(large(last), builders.plan())
        assert (caught.value.reason_code, caught.value.facts) == ("malformed_row", facts)


def test_a_large_plain_file_is_not_read_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the exact reader was asked")

    monkeypatch.setattr(dataset, "read_rows", never)
    assert len(read_dataset(large(), builders.plan())) == large().count(b"\n") - 1


async def test_a_large_file_is_read_in_the_complete_confinement(tmp_path: Path) -> None:
    report = await builders.try_out(tmp_path, onnx_models.logistic(), large(), builders.plan())
    assert isinstance(report.finding, Evaluation)
    assert "pyarrow" in report.finding.engine_versions


async def test_a_million_columns_are_refused_as_too_many(tmp_path: Path) -> None:
    header = ",".join(f"c{number}" for number in range(1_000_000))
    raw = f"{header}\n{'1,' * 999_999}1\n".encode()
    finding = (await builders.try_out(tmp_path, onnx_models.logistic(), raw, builders.plan())).finding
    assert finding == Refusal("too_many_columns", {"columns": 1_000_000, "allowed": 20_000})
