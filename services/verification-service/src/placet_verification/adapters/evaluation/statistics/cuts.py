"""Columns cut into parts that can be named: numbers at the reference's quantiles, categories as they are."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Column, Floats, Integers

__all__ = ["Condition", "Cut", "cut_columns", "is_numeric", "quantiles"]


@dataclass(frozen=True, slots=True)
class Condition:
    """Rows whose column is in (low, high], or is the category, or is missing (when none of the three is given)."""

    column: str
    low: float | None = None
    high: float | None = None
    category: str | None = None

    def __str__(self) -> str:
        if self.category is not None:
            return f"{self.column} = {self.category}"
        if self.low is None and self.high is None:
            return f"{self.column} is missing"
        if self.low is None:
            return f"{self.column} <= {self.high:.6g}"
        return f"{self.column} > {self.low:.6g}" if self.high is None else f"{self.low:.6g} < {self.column} <= {self.high:.6g}"


@dataclass(frozen=True, slots=True)
class Cut:
    """A column's parts, and each row's part by number; rows in none of them (a category unknown to the reference) have the number after."""

    parts: tuple[Condition, ...]
    codes: Integers


def is_numeric(column: Column) -> bool:
    """Numbers, as against categories."""
    return bool(np.issubdtype(column.dtype, np.number))


def quantiles(column: Floats, parts: int) -> Floats:
    """The inner edges of that many parts: the smallest values with at least k/parts of the rows up to them. Missing values are left out.

    By whole numbers: without rounding, and never the mean of two values.
    """
    known = np.sort(column[~np.isnan(column)])
    return known[(np.arange(1, parts) * len(known) + parts - 1) // parts - 1] if len(known) else known


def cut_columns(columns: Mapping[str, Column], reference: Mapping[str, Column], parts: int) -> list[Cut]:
    """Every column that both have, cut where the reference says."""
    both = [(name, column, reference[name]) for name, column in columns.items() if name in reference]
    return [_cut_numbers(*facts, parts) if is_numeric(facts[1]) else _cut_names(*facts) for facts in both]


def _cut_numbers(name: str, column: Floats, reference: Floats, parts: int) -> Cut:
    known = reference[~np.isnan(reference)]
    edges = [float(edge) for edge in np.unique(quantiles(reference, parts)) if edge < known.max()]
    named = tuple(Condition(name, low, high) for low, high in zip([None, *edges], [*edges, None], strict=True)) if edges else ()
    codes = np.searchsorted(np.array(edges), column, side="left")
    # a column that is constant in the reference has only the part of its missing values
    codes = np.where(np.isnan(column), len(named), codes if named else 1)
    return Cut((*named, Condition(name)), codes.astype(np.int64))


def _cut_names(name: str, column: Column, reference: Column) -> Cut:
    known = np.unique(reference.astype(str))
    text = column.astype(str)
    codes = np.searchsorted(known, text)
    found = known[np.minimum(codes, len(known) - 1)] == text if len(known) else np.zeros(len(text), dtype=np.bool_)
    parts = tuple(Condition(name, category=str(value)) for value in known)
    return Cut(parts, np.where(found, codes, len(known)).astype(np.int64))
