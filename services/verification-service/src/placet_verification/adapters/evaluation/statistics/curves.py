"""ROC and precision-recall curves, histograms and cells of two numbers, as few points; definitions as in scikit-learn."""

from dataclasses import dataclass

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Bools, Floats, Integers

__all__ = ["POINTS", "Cells", "Histogram", "cells", "histogram", "precision_recall_points", "roc_points"]

POINTS = 100
BINS = 20


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of each class between the edges, which are one more; the last bin has its upper edge too."""

    edges: Floats
    counts: tuple[Integers, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """How many rows have both numbers between the edges, which are those of both axes; the outermost cells hold what lies beyond too."""

    edges: Floats
    counts: Integers


def roc_points(positive: Bools, scores: Floats, points: int = POINTS) -> Floats | None:
    """[points, 2]: false and true positive rate, from (0, 0) to (1, 1), at real thresholds at most so many that lie evenly along the curve;
    None for one class.
    """
    hits, said = _by_threshold(positive, scores)
    if not len(hits) or not 0 < hits[-1] < said[-1]:
        return None
    fpr, tpr = (said - hits) / (said[-1] - hits[-1]), hits / hits[-1]
    curve = np.stack([np.concatenate([[0.0], fpr]), np.concatenate([[0.0], tpr])], axis=1)
    return _thinned(curve, curve.sum(axis=1), points)


def precision_recall_points(positive: Bools, scores: Floats, points: int = POINTS) -> Floats | None:
    """[points, 2]: recall and precision by falling thresholds, evenly along the recall; None without a positive row."""
    hits, said = _by_threshold(positive, scores)
    if not len(hits) or not hits[-1]:
        return None
    recall = hits / hits[-1]
    return _thinned(np.stack([recall, hits / said], axis=1), recall, points)


def histogram(scores: Floats, of_class: Integers, classes: int, bins: int = BINS) -> Histogram | None:
    """Of each class's scores, in common bins of equal width; None without rows."""
    if not len(scores):
        return None
    edges = np.histogram_bin_edges(scores, bins)
    counts = tuple(np.histogram(scores[of_class == number], edges)[0].astype(np.int64) for number in range(classes))
    return Histogram(np.asarray(edges, dtype=np.float64), counts)


def cells(first: Floats, second: Floats, bins: int = BINS) -> Cells | None:
    """[bins, bins], the first number along the rows of it; between the 0.5 and 99.5 percentiles of both, so that one outlier does not make
    all others one cell. None without rows."""
    if not len(first):
        return None
    low, high = np.quantile(np.concatenate([first, second]), [0.005, 0.995])
    edges = np.histogram_bin_edges([], bins, (low, high)) if low < high else np.histogram_bin_edges([low], bins)
    counts, _, _ = np.histogram2d(np.clip(first, edges[0], edges[-1]), np.clip(second, edges[0], edges[-1]), (edges, edges))
    return Cells(np.asarray(edges, dtype=np.float64), counts.astype(np.int64))


def _by_threshold(positive: Bools, scores: Floats) -> tuple[Floats, Floats]:
    """How many positive rows, and how many rows at all, have at least each of the distinct scores, the highest first."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    last = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1) if len(ordered) else np.array([], dtype=np.int64)
    return np.asarray(np.cumsum(positive[order], dtype=np.float64)[last]), np.asarray(last + 1, dtype=np.float64)


def _thinned(curve: Floats, along: Floats, points: int) -> Floats:
    """The first, the last, and of the others those next to even steps along a length that never falls."""
    if len(curve) <= points:
        return curve
    kept = np.unique(np.searchsorted(along, np.linspace(along[0], along[-1], points)))
    kept[0], kept[-1] = 0, len(curve) - 1
    return np.asarray(curve[kept])
