"""`residuals`: evidence of a regression that agrees with NumPy and never fails a run."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.adapters.evaluation.drawn_data import counted, together

from .. import builders, onnx_models
from .data import FEATURES, N, records, rows, tried

CHECK = {"id": "r", "check": "residuals"}
TRUTH = (FEATURES @ np.array([2.0, -1.0]) + 0.25).round(3)


async def test_values_and_pictures_are_of_the_same_residuals(tmp_path: Path) -> None:
    result = await tried(tmp_path, onnx_models.linear([2.0, -1.0]), builders.regression(CHECK), rows(TRUTH))
    median, mean = records(result, "r")
    assert (result.outcome, median["metric"], mean["metric"]) == ("passed", "median_absolute_error", "mean_residual")
    assert median["value"] == pytest.approx(0.25, abs=1e-3)
    assert mean["value"] == pytest.approx(0.25, abs=1e-3)
    parameters = median["parameters"]
    assert sum(parameters["residuals"]["of"][0]["counts"]) == N
    assert np.sum(parameters["predicted_and_true"]["counts"]) == N
    assert [part["n"] for part in parameters["truth_by_prediction"]] == [N // 10] * 10
    assert all(part["true"] - part["predicted"] == pytest.approx(0.25, abs=1e-2) for part in parameters["truth_by_prediction"])


@pytest.mark.parametrize("n", [1, 2, 3])
async def test_few_rows_are_measured_too(tmp_path: Path, n: int) -> None:
    data = builders.csv({"a": FEATURES[:n, 0], "b": FEATURES[:n, 1], "y": TRUTH[:n]})
    [median, _] = records(await tried(tmp_path, onnx_models.linear([2.0, -1.0]), builders.regression(CHECK), data), "r")
    assert len(median["parameters"]["truth_by_prediction"]) == n


def test_an_outlier_does_not_make_all_others_one_cell() -> None:
    values = np.concatenate([np.linspace(0, 1, 999), [1e9]])
    found = together(values, values)
    assert found is not None
    assert found["x"][-1] < 2
    assert sum(sum(line) for line in found["counts"]) == 1000
    assert together(values[:0], values[:0]) is None
    assert counted({"a": values[:0]}) is None


def test_equal_numbers_are_in_one_cell() -> None:
    found = together(np.full(5, 3.0), np.full(5, 3.0))
    assert found is not None
    assert max(max(line) for line in found["counts"]) == 5


@pytest.mark.parametrize("parts", [{}, {"bins": 3}])
def test_classes_have_none(parts: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match=r"checks\.0\.(check: a check of a regression|bins)"):
        builders.plan(checks=[{**CHECK, **parts}])
