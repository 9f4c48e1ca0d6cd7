"""A gradient boosting model as ONNX, and many rows for it as Parquet; the same for each measurement."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

__all__ = ["COLUMNS", "Files", "prepare", "sha256"]

COLUMNS = [f"c{place}" for place in range(30)]
TREES = 100
TRAINED_ON = 50_000
SMALL = 200


@dataclass(frozen=True, slots=True)
class Files:
    """`data` has all rows, `reference` a tenth of them, `small` two hundred; each has the columns, the label `y` and a group `g`."""

    model: Path
    data: Path
    reference: Path
    small: Path
    rows: int


def prepare(folder: Path, rows: int) -> Files:
    """Train and write; some tens of seconds for a million rows."""
    from skl2onnx import to_onnx
    from sklearn.ensemble import HistGradientBoostingClassifier

    random = np.random.default_rng(1)
    features = random.normal(size=(rows, len(COLUMNS))).astype(np.float32)
    signal = features[:, 0] + 0.5 * features[:, 1] * features[:, 2] + 0.3 * abs(features[:, 3]) - 0.2
    labels = (signal + random.normal(size=rows) > 0).astype(np.int64)
    model = HistGradientBoostingClassifier(max_iter=TREES).fit(features[:TRAINED_ON], labels[:TRAINED_ON])
    files = Files(folder / "model.onnx", folder / "data.parquet", folder / "reference.parquet", folder / "small.parquet", rows)
    onnx = to_onnx(model, features[:1], options={"zipmap": False}, target_opset=17)
    files.model.write_bytes(onnx.SerializeToString())
    for path, taken in ((files.data, rows), (files.reference, rows // 10), (files.small, SMALL)):
        _write(path, features[:taken], labels[:taken])
    return files


def sha256(path: Path) -> str:
    """In hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(path: Path, features: NDArray[np.float32], labels: NDArray[np.int64]) -> None:
    columns = {name: features[:, place] for place, name in enumerate(COLUMNS)}
    pq.write_table(pa.table({**columns, "y": labels, "g": np.where(features[:, 5] > 0, "a", "b")}), path)
