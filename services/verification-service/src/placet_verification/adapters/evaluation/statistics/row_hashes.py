"""Equal rows, within a data set and between two, by a hash of all their inputs."""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.statistics.arrays import Column, Integers, as_codes
from placet_verification.adapters.evaluation.statistics.cuts import is_numeric
from placet_verification.adapters.evaluation.statistics.intervals import Interval
from placet_verification.adapters.evaluation.statistics.probing import Columns, row_count
from placet_verification.adapters.evaluation.statistics.proportions import wilson

__all__ = ["Hashes", "SharedRows", "conflicting_labels", "duplicates", "overlap", "row_hashes"]

Hashes = NDArray[np.uint64]
_STEP, _FIRST, _SECOND = (np.uint64(number) for number in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


@dataclass(frozen=True, slots=True)
class SharedRows:
    """How many rows, their share with Wilson's interval, and the number of the first one."""

    count: int
    n: int
    share: float
    ci: Interval | None
    first: int | None


def row_hashes(columns: Columns) -> Hashes:
    """64 bits a row, the same wherever the row lies and in whatever order the columns are; numbers are compared as float64, every
    missing one is equal, and so are 0 and −0.
    """
    hashes = np.zeros(row_count(columns), dtype=np.uint64)
    for name in sorted(columns):
        # the name is mixed in: two columns with swapped values are another row
        hashes = _mixed(_mixed(hashes ^ _of_text(name)) + _bits(columns[name]))
    return hashes


def overlap(evaluation: Hashes, training: Hashes) -> SharedRows | None:
    """Rows of the evaluation data that are in the training data too; None without evaluation rows."""
    return _shared(np.isin(evaluation, training))


def duplicates(hashes: Hashes) -> SharedRows | None:
    """Rows that repeat an earlier one; None without rows."""
    _, first = np.unique(hashes, return_index=True)
    again = np.ones(len(hashes), dtype=np.bool_)
    again[first] = False
    return _shared(again)


def conflicting_labels(hashes: Hashes, labels: Column) -> SharedRows | None:
    """Rows whose inputs occur with another label too; None without rows."""
    _, inputs = np.unique(hashes, return_inverse=True)
    inputs = inputs.reshape(-1)
    codes = as_codes(labels)[1]
    least, most = np.full(len(hashes), np.iinfo(np.int64).max), np.full(len(hashes), -1)
    np.minimum.at(least, inputs, codes)
    np.maximum.at(most, inputs, codes)
    return _shared((least != most)[inputs])


def _shared(rows: Integers | NDArray[np.bool_]) -> SharedRows | None:
    n, count = len(rows), int(rows.sum())
    if not n:
        return None
    return SharedRows(count, n, count / n, wilson(count, n), int(rows.argmax()) if count else None)


def _bits(column: Column) -> Hashes:
    if not is_numeric(column):
        values, codes = as_codes(column.astype(str))
        return np.array([_of_text(str(value)) for value in values], dtype=np.uint64)[codes]
    numbers = column.astype(np.float64) + 0.0  # −0 becomes 0
    numbers[np.isnan(numbers)] = np.nan
    return numbers.view(np.uint64)


def _of_text(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest(), "little"))


def _mixed(values: Hashes) -> Hashes:
    """The finaliser of SplitMix64 (Steele, Lea & Flood 2014): one bit in changes about half of the bits out."""
    values = values + _STEP
    values = (values ^ (values >> np.uint64(30))) * _FIRST
    values = (values ^ (values >> np.uint64(27))) * _SECOND
    return values ^ (values >> np.uint64(31))
