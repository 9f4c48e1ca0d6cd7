"""A Parquet file is read as the plan says; what is otherwise, or lies, is refused by its row, column or row group."""

import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from placet_verification.adapters.evaluation.dataset import Dataset, read_dataset
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.domain.result import Evaluation
from placet_verification.ports import Refusal

from .. import builders, onnx_models

NAN = float("nan")


def written(columns: dict[str, Any], **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, **options)
    return file.getvalue()


def plan(kind: str = "float32", empty: str = "refuse", **parts: Any) -> dict[str, Any]:
    dataset = {"label": "y", "format": "parquet", "empty": empty}
    return builders.plan(dataset=dataset, inputs=[{"name": "X", "columns": ["a", "b"], "type": kind}], **parts)


def read(columns: dict[str, Any], document: dict[str, Any] | None = None, **options: Any) -> Dataset:
    return read_dataset(written({"b": [0, 1], "y": ["0", "1"]} | columns, **options), document or plan())


def refused(raw: bytes, document: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
    with pytest.raises(Refused) as caught:
        read_dataset(raw, document or plan())
    return caught.value.reason_code, caught.value.facts


def of(columns: dict[str, Any], document: dict[str, Any] | None = None, **options: Any) -> tuple[str, dict[str, Any]]:
    return refused(written({"b": [0, 1], "y": ["0", "1"]} | columns, **options), document)


def test_columns_come_in_the_plans_order_whatever_else_the_file_has() -> None:
    data = read({"a": [0.5, -1e3], "other": [[1], [2]], "then": [{"x": 1}, None]})
    assert data.labels.tolist() == [0, 1]
    assert data.inputs["X"].tolist() == [[0.5, 0], [-1000, 1]]
    assert data.inputs["X"].dtype == np.float32


@pytest.mark.parametrize(
    "labels",
    [["0", "1"], [0, 1], pa.array(["0", "1"], pa.large_string()), pa.array(["0", "1"]).dictionary_encode(), pa.array([0, 1], pa.uint8())],
    ids=["text", "numbers", "large text", "dictionary", "small numbers"],
)
def test_labels_are_texts_or_whole_numbers(labels: Any) -> None:
    assert read({"a": [1, 2], "y": labels}).labels.tolist() == [0, 1]


def test_labels_may_be_truth_values() -> None:
    document = plan(prediction={"scores": "P", "classes": ["true", "false"], "positive": "true"})
    assert read({"a": [1, 2], "y": [True, False]}, document).labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("kind", "values"),
    [("int64", [2**62, -(2**63)]), ("int32", [1, -2]), ("bool", [True, False]), ("float64", [0.1, 2**53]), ("string", ["x", "ÿ"])],
)
def test_each_type_is_read_exactly(kind: str, values: list[Any]) -> None:
    found = read({"a": values, "b": values}, plan(kind)).inputs["X"]
    assert found.tolist() == [[value, value] for value in values]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([47, None], ["47", ""]),
        ([47.5, NAN], ["47.5", ""]),
        ([True, False], ["true", "false"]),
        ([date(2026, 11, 28), None], ["2026-11-28", ""]),
        ([datetime(2026, 11, 28, 5, 4, 3, tzinfo=UTC), None], ["2026-11-28 05:04:03.000000Z", ""]),
        (pa.array(["x", None]).dictionary_encode(), ["x", ""]),
    ],
    ids=str,
)
def test_columns_beside_the_inputs_are_read_as_the_texts_that_a_csv_file_would_have(values: Any, texts: list[str]) -> None:
    file = written({"a": [1, 2], "b": [1, 2], "y": ["0", "1"], "group": values})
    assert read_dataset(file, plan(), further=["group"]).further["group"].tolist() == texts


def test_a_column_beside_the_inputs_that_has_no_text_is_refused() -> None:
    file = written({"a": [1, 2], "b": [1, 2], "y": ["0", "1"], "group": pa.array([b"x", b"y"])})
    with pytest.raises(Refused) as caught:
        read_dataset(file, plan(), further=["group"])
    assert caught.value.facts == {"column": "group", "expected": "text", "found": "binary"}


def test_texts_that_are_stored_once_each_are_read_as_texts() -> None:
    texts = pa.array(["x", "y"]).dictionary_encode()
    assert read({"a": texts, "b": texts}, plan("string")).inputs["X"].tolist() == [["x", "x"], ["y", "y"]]


def test_row_groups_are_read_in_their_order() -> None:
    many = list(range(1000))
    data = read({"a": many, "b": many, "y": ["0"] * 1000}, row_group_size=7)
    assert data.inputs["X"][:, 0].tolist() == many


def test_nothing_and_nan_are_nan_only_where_the_plan_says_so() -> None:
    columns = {"a": [None, NAN]}
    assert of(columns) == ("malformed_row", {"row": 1, "column": "a", "expected": "a finite number"})
    assert of({"a": [1, NAN]})[1]["row"] == 2
    assert np.isnan(read(columns, plan(empty="nan")).inputs["X"][:, 0]).all()
    assert of({"a": [float("inf"), None]}, plan(empty="nan"))[1]["row"] == 1


@pytest.mark.parametrize(
    ("columns", "kind", "reason_code", "facts"),
    [
        ({}, "float32", "column_missing", {"column": "a"}),
        ({"a": [1.0, 1e39]}, "float32", "malformed_row", {"row": 2, "column": "a", "expected": "a finite number"}),
        ({"a": [1, 2**31]}, "int32", "malformed_row", {"row": 2, "column": "a", "expected": "int32"}),
        ({"a": pa.array([1, 2**63], pa.uint64())}, "int64", "malformed_row", {"row": 2, "column": "a", "expected": "int64"}),
        ({"a": [1, None]}, "int32", "malformed_row", {"row": 2, "column": "a", "expected": "int32"}),
        ({"a": [1, 2]}, "bool", "malformed_row", {"row": 2, "column": "a", "expected": "bool"}),
        ({"a": [1, 2], "y": ["0", "2"]}, "float32", "unknown_label", {"row": 2, "column": "y"}),
        ({"a": [1, 2], "y": ["0", None]}, "float32", "unknown_label", {"row": 2, "column": "y"}),
        ({"a": [1.0, 2.0]}, "int32", "column_type", {"column": "a", "expected": "int32", "found": "double"}),
        ({"a": ["1", "2"]}, "float32", "column_type", {"column": "a", "expected": "float32", "found": "string"}),
        ({"a": [1, 2], "y": [0.0, 1.0]}, "float32", "column_type", {"column": "y", "expected": "class", "found": "double"}),
        ({"a": [True, False]}, "float32", "column_type", {"column": "a", "expected": "float32", "found": "bool"}),
        ({"a": pa.array([1, 2], pa.decimal128(5))}, "float32", "column_type", {"column": "a", "found": "decimal128(5, 0)"}),
        ({"a": pa.array([1, 2], pa.timestamp("us"))}, "int64", "column_type", {"column": "a", "found": "timestamp[us]"}),
        ({"a": pa.array([b"x", b"y"])}, "string", "column_type", {"column": "a", "found": "binary"}),
        ({"a.list.element": [1, 2], "a": [[1], [2]]}, "float32", "column_twice", {"column": "a.list.element"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_fit_is_refused_by_row_and_column(
    columns: dict[str, Any], kind: str, reason_code: str, facts: dict[str, Any]
) -> None:
    code, found = of(columns, plan(kind))
    assert code == reason_code
    assert {name: found[name] for name in facts} == facts


def test_nested_columns_are_refused_by_their_name() -> None:
    for nested, leaf in (([[1], [2]], "a.list.element"), ([{"x": 1}, {"x": 2}], "a.x")):
        document = plan()
        document["inputs"][0]["columns"] = [leaf, "b"]
        assert of({"a": nested}, document)[1] == {"column": leaf, "expected": "float32", "found": "a nested type"}
        assert of({"a": nested})[0] == "column_missing"


def test_texts_that_are_no_utf8_are_refused() -> None:
    offsets, data = pa.array([0, 1, 2], pa.int32()).buffers()[1], pa.py_buffer(b"x\xff")
    broken = pa.StringArray.from_buffers(2, offsets, data)
    for texts in (broken, pa.DictionaryArray.from_arrays(pa.array([0, 1]), broken, safe=False)):
        code, facts = of({"a": texts, "b": ["x", "y"]}, plan("string"))
        assert (code, facts["row_group"]) == ("row_group_unreadable", 0)


def test_the_row_of_a_later_row_group_is_counted_from_the_first() -> None:
    many: list[float | None] = [1.0] * 100
    many[57] = None
    assert of({"a": many, "b": many, "y": ["0"] * 100}, row_group_size=10)[1]["row"] == 58


def test_a_file_without_rows_or_that_is_none_is_refused() -> None:
    empty = {"a": pa.array([], pa.float64()), "b": pa.array([], pa.float64()), "y": pa.array([], pa.string())}
    assert of(empty) == ("dataset_empty", {})
    good = written({"a": [1, 2], "b": [1, 2], "y": ["0", "1"]})
    for raw in (b"", b"a,b,y\n1,2,0\n", b"PAR1PAR1", b"PAR1" + bytes(100) + b"PAR1", good[:-9] + good[-8:], good[4:]):
        assert refused(raw)[0] == "not_parquet"
    assert refused(b"PAR1" + b"\xff" * 8 + b"PAR1")[0] == "footer_too_large"


def test_more_columns_than_can_be_read_are_refused() -> None:
    one = pa.array([1.0])
    wide = {f"c{number}": one for number in range(20_001)}
    assert refused(written(wide)) == ("too_many_columns", {"columns": 20_001, "allowed": 20_000})
    wider = pa.table({f"c{number}": one for number in range(80_001)}).schema
    file = io.BytesIO()
    pq.ParquetWriter(file, wider).close()
    assert refused(file.getvalue())[0] == "footer_too_large"


def test_more_row_groups_than_can_be_read_are_refused() -> None:
    many = [1] * 10_001
    code, facts = of({"a": many, "b": many, "y": ["0"] * 10_001}, row_group_size=1)
    assert (code, facts) == ("footer_too_large", {"row_groups": 10_001, "allowed": 10_000})


def zigzag(value: int) -> bytes:
    """A number as the footer has it, in thrift's compact form."""
    value, found = value << 1, b""
    while value > 127:
        value, found = value >> 7, found + bytes([value & 127 | 128])
    return found + bytes([value])


def lying(raw: bytes, true: int, said: int, *, only: int | None = None) -> bytes:
    """The file with another number in its footer, at every place or at one; the lie has as many bytes as the truth."""
    start = len(raw) - 8 - int.from_bytes(raw[-8:-4], "little")
    data, footer = raw[:start], raw[start:]
    assert len(zigzag(true)) == len(zigzag(said))
    parts = footer.split(zigzag(true))
    assert len(parts) > 1
    if only is None:
        return data + zigzag(said).join(parts)
    return data + zigzag(true).join(parts[: only + 1]) + zigzag(said) + zigzag(true).join(parts[only + 1 :])


ROWS = 1_234_567
ALIKE: dict[str, Any] = {"a": np.zeros(ROWS), "b": np.zeros(ROWS), "y": pa.array(["0"]).take(pa.array(np.zeros(ROWS, dtype=np.int32)))}


def test_counts_that_do_not_agree_are_refused() -> None:
    raw = written(ALIKE, row_group_size=ROWS)
    codes = set()
    places = lying(raw, ROWS, ROWS + 1).count(zigzag(ROWS + 1))
    for place in range(places):
        for said in (ROWS + 1, ROWS - 1):
            try:
                data = read_dataset(lying(raw, ROWS, said, only=place), plan())
            except Refused as caught:
                codes.add(caught.reason_code)
            else:
                assert len(data) == ROWS  # of a column that is not wanted, or a count that is only advice
    assert codes <= {"row_count_mismatch", "row_group_unreadable", "not_parquet"}
    assert "row_count_mismatch" in codes


def test_a_file_that_says_more_rows_everywhere_than_it_has_is_refused() -> None:
    raw = written(ALIKE, row_group_size=ROWS)
    assert refused(lying(raw, ROWS, ROWS + 1000))[0] in ("row_count_mismatch", "row_group_unreadable")


def test_a_file_that_says_that_it_unpacks_to_more_than_the_memory_is_refused() -> None:
    """Some kilobytes of zeros, packed twice."""
    rows = 30_000_000
    zeros = np.zeros(rows)
    raw = written({"a": zeros, "b": zeros, "y": pa.array(["0"]).take(pa.array(np.zeros(rows, dtype=np.int32)))}, compression="zstd")
    assert len(raw) < 1024**2
    assert refused(raw) == ("dataset_too_large", {"bytes": rows * 8 * 3, "allowed": 512 * 1024**2})


async def tried(folder: Path, raw: bytes, **parts: Any) -> Evaluation | Refusal:
    return (await builders.try_out(folder, onnx_models.logistic(), raw, plan(**parts))).finding


async def test_a_model_is_tried_on_parquet_in_the_complete_confinement(tmp_path: Path) -> None:
    rows = builders.labelled_rows()
    as_csv = read_dataset(rows, builders.plan())
    raw = written({"a": as_csv.inputs["X"][:, 0], "b": as_csv.inputs["X"][:, 1], "y": [str(label) for label in as_csv.labels]})
    (tmp_path / "csv").mkdir()
    of_csv = (await builders.try_out(tmp_path / "csv", onnx_models.logistic(), rows, builders.plan())).finding
    found = await tried(tmp_path, raw)
    assert isinstance(found, Evaluation)
    assert isinstance(of_csv, Evaluation)
    assert found.measured == of_csv.measured
    assert found.engine_versions.keys() - of_csv.engine_versions.keys() == {"pyarrow"}


@pytest.mark.parametrize("compression", ["snappy", "gzip", "brotli", "zstd", "lz4"])
async def test_every_compression_is_unpacked_in_the_complete_confinement(tmp_path: Path, compression: str) -> None:
    numbers = np.linspace(-1, 1, 5000)
    raw = written({"a": numbers, "b": numbers, "y": (numbers > 0).astype(int)}, compression=compression)
    assert isinstance(await tried(tmp_path, raw), Evaluation)


async def test_texts_that_unpack_to_more_than_their_row_count_says_meet_the_memory_limit(tmp_path: Path) -> None:
    """A dictionary with one long text, and rows that name it: the footer's sizes are true, and small."""
    rows, text = 5000, "x" * 1_000_000
    texts = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype=np.int32)), pa.array([text]))
    raw = written({"a": np.zeros(rows), "b": np.zeros(rows), "y": texts}, compression="zstd")
    assert len(raw) < 100_000
    assert await tried(tmp_path, raw) == Refusal("memory_limit")
