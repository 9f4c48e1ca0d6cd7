"""Measures `latency`: how long a single row takes, and a row among many, with which memory; observations, which no result holds."""

import time
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.dataset import Dataset
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.peak_memory import peak_memory_bytes
from placet_verification.adapters.evaluation.prediction import BATCH, fixed_batch

__all__ = ["measure"]

SINGLE = 200
LEAST = 5
SECONDS = 2.0
"""After so long no further row is tried, when the least number was."""
BATCHES = 10
REPEATS = 3
MEBIBYTE = 1024**2


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """The same for each check of the kind."""
    observed: dict[str, Any] = {"one_row": _one_row(inputs), "batch": _batch(inputs)}
    # of the whole process so far: the model has been loaded, and has predicted for all rows
    observed |= {"peak_memory_mib": peak_memory_bytes() / MEBIBYTE, "artifact_mib": len(inputs.files.artifact) / MEBIBYTE}
    return {check["id"]: {"observed": observed} for check in checks}


def _one_row(inputs: Inputs) -> dict[str, Any]:
    """Of a model that takes a fixed number of rows, so many at once: it has no faster answer for one."""
    size = fixed_batch(inputs.session) or 1
    starts = np.linspace(0, len(inputs.data) // size - 1, SINGLE).astype(np.int64) * size
    calls = [inputs.data.taken(np.arange(start, start + size)) for start in np.unique(starts)]
    _milliseconds(inputs, calls[0])  # the first call of a shape allocates
    found: list[float] = []
    for call in cycle(calls):
        found.append(_milliseconds(inputs, call))
        if len(found) >= SINGLE or (len(found) >= LEAST and sum(found) > 1000 * SECONDS):
            break
    median, p95 = np.quantile(found, [0.5, 0.95])
    return {"calls": len(found), "rows": size, "median_ms": float(median), "p95_ms": float(p95)}


def _batch(inputs: Inputs) -> dict[str, Any]:
    """The best of some repetitions: what else the machine did is no property of the model."""
    size = fixed_batch(inputs.session) or BATCH
    rows = min(len(inputs.data), max(1, BATCHES * BATCH // size) * size)
    part = inputs.data.taken(np.arange(rows))
    best = min(_milliseconds(inputs, part) for _ in range(REPEATS))
    return {"repeats": REPEATS, "rows": rows, "ms_per_row": best / rows}


def _milliseconds(inputs: Inputs, rows: Dataset) -> float:
    begun = time.perf_counter()
    inputs.predict(rows)
    return 1000 * (time.perf_counter() - begun)
