"""The types of arrays that the statistics take, and what several of them do with one."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "Column", "Floats", "Integers", "as_codes", "finite", "generator", "midranks"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Integers = NDArray[np.int64]
Column = NDArray[Any]
"""Numbers (NaN is a missing value), or categories as strings."""


def generator(seed: int) -> np.random.Generator:
    """The one bit generator whose stream NumPy promises to keep."""
    return np.random.Generator(np.random.PCG64(seed))


def finite(*columns: Floats) -> bool:
    """Whether every value is a finite number."""
    return all(bool(np.isfinite(column).all()) for column in columns)


def midranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of theirs."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[group.reshape(-1)], dtype=np.float64)


def as_codes(column: Column) -> tuple[Column, Integers]:
    """The distinct values in order, and for each row the number of its value; missing numbers are one value, the last."""
    values, codes = np.unique(column, return_inverse=True)
    return values, codes.reshape(-1).astype(np.int64)
