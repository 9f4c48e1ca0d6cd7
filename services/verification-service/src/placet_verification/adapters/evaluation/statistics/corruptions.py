"""What the world does to data before a model sees them, as pure functions of columns and a seed; they return new columns or row weights."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Bools, Column, Floats, as_codes, generator
from placet_verification.adapters.evaluation.statistics.cuts import is_numeric
from placet_verification.adapters.evaluation.statistics.probing import Columns, row_count

__all__ = ["CORRUPTIONS", "Corruption", "missing", "noise", "population_shift", "scaling", "swap", "typos"]

SHARE = 0.10
NOISE = 0.1
FACTORS = (10.0, 0.1)
NO_CATEGORY = ""
LETTERS = "abcdefghijklmnopqrstuvwxyz"

Corruption = Callable[[Columns, int], dict[str, Column]]


def missing(columns: Columns, seed: int, share: float = SHARE) -> dict[str, Column]:
    """Each value is missing with that probability: NaN for a number (which becomes a float), the empty text for a category."""

    def emptied(column: Column, random: np.random.Generator) -> Column:
        gone = random.random(len(column)) < share
        return np.where(gone, np.nan if is_numeric(column) else NO_CATEGORY, column)

    return _each(columns, seed, emptied)


def noise(columns: Columns, seed: int, deviations: float = NOISE) -> dict[str, Column]:
    """Normal noise on each finite number, in standard deviations of its column."""

    def noisy(column: Column, random: np.random.Generator) -> Column:
        known = column[np.isfinite(column)] if is_numeric(column) else column[:0]
        drawn = random.normal(0, 1, len(column))
        return column + deviations * float(known.std()) * drawn if len(known) else column

    return _each(columns, seed, noisy)


def scaling(columns: Columns, seed: int, factors: tuple[float, ...] = FACTORS, share: float = SHARE) -> dict[str, Column]:
    """Each number is multiplied by one of the factors with that probability in all, as if it came in another unit."""

    def scaled(column: Column, random: np.random.Generator) -> Column:
        hit, chosen = random.random(len(column)) < share, random.choice(factors, len(column))
        return column * np.where(hit, chosen, 1.0) if is_numeric(column) else column

    return _each(columns, seed, scaled)


def swap(columns: Columns, seed: int, share: float = SHARE) -> dict[str, Column]:
    """Each category becomes another one of its column with that probability; a column with one category stays."""

    def swapped(column: Column, random: np.random.Generator) -> Column:
        if is_numeric(column):
            return column
        values, codes = as_codes(column)
        hit, steps = random.random(len(column)) < share, random.integers(1, max(2, len(values)), len(column))
        return values[np.where(hit, codes + steps, codes) % len(values)] if len(values) > 1 else column

    return _each(columns, seed, swapped)


def typos(columns: Columns, seed: int, share: float = SHARE) -> dict[str, Column]:
    """Each text has one typing error with that probability, of the four kinds that most are (Damerau 1964): a letter too much, one too few,
    another one, or two neighbours changed about. The empty text stays, and no text becomes empty."""

    def mistyped(column: Column, random: np.random.Generator) -> Column:
        hit, kinds = random.random(len(column)) < share, random.integers(0, 4, len(column))
        places, letters = random.random(len(column)), random.integers(0, len(LETTERS), len(column))
        if is_numeric(column):
            return column
        changed = column.astype(np.object_)
        for row in np.flatnonzero(hit & (changed != NO_CATEGORY)):
            changed[row] = _mistyped(str(changed[row]), int(kinds[row]), float(places[row]), int(letters[row]))
        return changed

    return _each(columns, seed, mistyped)


def _mistyped(text: str, kind: int, share: float, number: int) -> str:
    """The text with one error at that share of its length, always another text."""
    at = int(share * len(text))
    if kind == 0:
        return text[:at] + LETTERS[number] + text[at:]
    if kind == 1 and len(text) > 1:
        return text[:at] + text[at + 1 :]
    if kind == 2 and at + 1 < len(text) and text[at] != text[at + 1]:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    other = LETTERS[number] if LETTERS[number] != text[at] else LETTERS[number - 1]
    return text[:at] + other + text[at + 1 :]


def population_shift(members: Bools, seed: int, share: float) -> Floats | None:
    """How often each row is drawn when rows are resampled so that this share of them is expected to be members.

    Prior shift: the members are the positive rows; subgroup shift: the rows of a group. None when there are only members or none.
    """
    inside = int(members.sum())
    if not 0 < inside < len(members):
        return None
    chances = np.where(members, share / inside, (1 - share) / (len(members) - inside))
    return generator(seed).multinomial(len(members), chances).astype(np.float64)


CORRUPTIONS: Mapping[str, Corruption] = MappingProxyType(
    {"missing": missing, "noise": noise, "scaling": scaling, "category_swap": swap, "typos": typos}
)
"""Those that change values; the two shifts of the population change how often rows count."""


def _each(columns: Columns, seed: int, change: Callable[[Column, np.random.Generator], Any]) -> dict[str, Column]:
    """Every column with a stream of its own, so that one more column changes nothing in the others."""
    if not row_count(columns):
        return dict(columns)
    names = sorted(columns)
    streams = dict(zip(names, np.random.SeedSequence(seed).spawn(len(names)), strict=True))
    return {name: change(column, np.random.Generator(np.random.PCG64(streams[name]))) for name, column in columns.items()}
