"""Draws charts as SVG: presentation attributes and classes only, so that a strict content policy shows them, and byte for byte the same."""

from placet_verification.api.reports.svg.bars import Bar, Pair, bars, pairs
from placet_verification.api.reports.svg.cells import grid, matrix
from placet_verification.api.reports.svg.lines import Series, lines
from placet_verification.api.reports.svg.marks import Axis

__all__ = ["Axis", "Bar", "Pair", "Series", "bars", "grid", "lines", "matrix", "pairs"]
