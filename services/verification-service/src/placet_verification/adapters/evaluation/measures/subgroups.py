"""Measures `subgroups`: the rates and the metric of each group, and the gaps between every two of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import sqrt
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.chosen import chosen_columns, part_of
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.scoring import DEFAULT_METRICS, Scoring
from placet_verification.adapters.evaluation.statistics.arrays import Bools, Column, Integers, as_codes
from placet_verification.adapters.evaluation.statistics.cuts import cut_columns, is_numeric
from placet_verification.adapters.evaluation.statistics.gaps import Gap, gaps
from placet_verification.adapters.evaluation.statistics.groups import Group, Guards, SubMetric, groups
from placet_verification.adapters.evaluation.statistics.independent import apart
from placet_verification.adapters.evaluation.statistics.probing import sampled
from placet_verification.adapters.evaluation.statistics.proportions import benjamini_hochberg
from placet_verification.domain.parities import DEFAULT_PARITIES, RATES

__all__ = ["measure"]

MOST_GROUPS = 200
"""All pairs of them are compared."""
LISTED = 50
PAIRS = 20
ALPHA = 0.05
SURER = 3
"""Pairs of groups whose metrics are resampled beside the widest one."""
VALUES = 20
"""A column of numbers with more is cut."""
QUINTILES = 5
ROWS = 10_000
"""Of each of two groups, resampled for the interval of a metric's gap."""

Named = tuple[Integers, list[str]]
"""Each row's group by number, and the groups' names."""
Known = tuple[float, int, Group]
"""A group's metric, its number, the group."""
Attribute = tuple[str, Integers, list[tuple[int, Group]], int | None]
"""Its name, each row's group, the groups with their numbers, and how many they are where they are too many."""


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """Every check by itself; no further inference."""
    return {check["id"]: _measured(check, inputs) for check in checks}


def _measured(check: Mapping[str, Any], inputs: Inputs) -> dict[str, Any]:
    scoring, task = inputs.scoring, inputs.plan["task"]
    name = check["metric"] or DEFAULT_METRICS[task]
    guards = Guards(check["minimum_rows"], check["minimum_positives"], check["minimum_negatives"], check["minimum_selected"])
    named = {name: _named(name, column) for name, column in chosen_columns(inputs, check["columns"]).items()}
    combined = [part for size in range(1, check["depth"] + 1) for part in combinations(named, size)]
    metric = _metric(scoring, name, guards)
    compared = task != "binary" or check["metric_gap"] is not None
    attributes = [_attribute(", ".join(part), _crossed([named[one] for one in part]), scoring, metric, guards) for part in combined]
    return {
        "task": task,
        "metric": name,
        "seed": inputs.plan["seed"],
        **{count: scoring.counts[count] for count in ("n", "n_positive")},
        "attributes": [
            {**_plain(*part, scoring, name if compared else None, check["metric_gap"] or check["difference"]), "gaps": found}
            for part, found in zip(attributes, _gaps(check, attributes, task), strict=True)
        ],
    }


def _named(name: str, column: Column) -> Named:
    """Numbers of many values by quintiles, all else by its values."""
    numbers = _as_numbers(column)
    if numbers is not None and len(np.unique(numbers)) > VALUES:
        [cut] = cut_columns({name: numbers}, {name: numbers}, QUINTILES)
        return cut.codes, [str(part) for part in cut.parts]
    values, codes = as_codes(column)
    return codes, [f"{name} is missing" if _is_missing(value) else f"{name} = {_written(value)}" for value in values]


def _as_numbers(column: Column) -> Column | None:
    """Further columns come as texts, numbers too; an empty one is missing."""
    if is_numeric(column):
        return column
    if column.dtype != np.object_:
        return None
    try:
        numbers = np.where(column == "", "nan", column).astype(np.float64)
    except ValueError:
        return None
    return numbers if not np.isinf(numbers).any() else None


def _is_missing(value: Any) -> bool:
    return bool(value == "" or value != value)


def _written(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, np.floating) else str(value)


def _crossed(parts: Sequence[Named]) -> Named:
    """The groups that occur, of several columns together."""
    codes, names = parts[0]
    for more, others in parts[1:]:
        values, codes = as_codes(codes * len(others) + more)
        names = [f"{names[value // len(others)]}, {others[value % len(others)]}" for value in values]
    return codes, names


def _metric(scoring: Scoring, name: str, guards: Guards) -> SubMetric:
    def metric(rows: Integers) -> float | None:
        found = part_of(scoring, rows)
        if found.plan["task"] == "binary":
            positives = int(found.is_positive.sum())
            if positives < guards.positives or len(rows) - positives < guards.negatives:
                return None
        value = found.metric({"metric": name})
        return None if value is None else value(np.ones(len(rows)))

    return metric


def _attribute(name: str, named: Named, scoring: Scoring, metric: SubMetric, guards: Guards) -> Attribute:
    """The groups of one column, or of several crossed."""
    codes, names = named
    present = np.unique(codes)
    if len(present) > MOST_GROUPS:
        return name, codes, [], len(present)
    positive, selected = _decisions(scoring)
    parts = groups(codes, positive, selected, metric, guards)
    return name, codes, [(int(code), replace(part, name=names[code])) for code, part in zip(present, parts, strict=True)], None


def _decisions(scoring: Scoring) -> tuple[Bools, Bools]:
    """What is positive and what is predicted so; a task without a positive class has neither."""
    if scoring.plan["task"] != "binary":
        nothing = np.zeros(len(scoring.labels), dtype=np.bool_)
        return nothing, nothing
    return scoring.is_positive, np.asarray(scoring.decided == scoring.positive)


def _plain(
    name: str,
    codes: Integers,
    parts: Sequence[tuple[int, Group]],
    too_many: int | None,
    scoring: Scoring,
    metric: str | None,
    threshold: float,
) -> dict[str, Any]:
    found = [part for _, part in parts]
    binary = scoring.plan["task"] == "binary"
    return {
        "name": name,
        "too_many": too_many,
        "count": len(found),
        "groups": [_plain_group(part, binary) for part in sorted(found, key=lambda part: -part.n)[:LISTED]],
        "metric_gaps": _metric_gaps(codes, parts, scoring, metric, threshold) if metric else [],
    }


def _plain_group(part: Group, binary: bool) -> dict[str, Any]:
    rates = {name: {"value": rate.value, "ci": rate.ci, "n": rate.n, "judged": rate.judged} for name, rate in part.rates.items()}
    return {
        "name": part.name, "n": part.n, "n_positive": part.n_positive if binary else None, "metric": part.metric,
        "rates": rates if binary else {},
    }  # fmt: skip


def _gaps(check: Mapping[str, Any], attributes: Sequence[Attribute], task: str) -> list[dict[str, list[dict[str, Any]]]]:
    """By column and rate; `p_adjusted` is Benjamini & Hochberg's among all pairs, rates and columns that the check compares."""
    parities = check["parities"] or DEFAULT_PARITIES
    rates = {rate: None for parity in parities for rate in RATES[parity]} if task == "binary" else {}
    found = [{rate: gaps([part for _, part in parts], rate) for rate in rates} for _, _, parts, _ in attributes]
    every = [one.p for by_rate in found for pairs in by_rate.values() for one in pairs]
    adjusted = iter(benjamini_hochberg(np.array(every, dtype=np.float64)).tolist())
    return [{rate: _told([_plain_gap(one, next(adjusted)) for one in pairs]) for rate, pairs in by_rate.items()} for by_rate in found]


def _told(pairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The widest ones; and of those that are more than chance the widest and the one of the least ratio, which many small groups would
    else push off the list."""
    certain = [one for one in pairs if _is_certain(one)]
    by_ratio = sorted(certain, key=lambda one: float(one["low_value"] / one["high_value"]))
    told = [*pairs[:PAIRS], *certain[:1], *by_ratio[:1]]
    return list({(one["high"], one["low"]): one for one in told}.values())


def _plain_gap(found: Gap, p_adjusted: float) -> dict[str, Any]:
    return {**{name: getattr(found, name) for name in ("high", "low", "high_value", "low_value", "ci", "p")}, "p_adjusted": p_adjusted}


def _metric_gaps(
    codes: Integers, parts: Sequence[tuple[int, Group]], scoring: Scoring, name: str, threshold: float
) -> list[dict[str, Any]]:
    """The best against the worst of the judged groups; and where that is no more than chance, up to the first that is, some of those beyond
    the threshold, by what their rows make likely: that of small groups may be larger and less certain than another's."""
    known = sorted(((part.metric, number, part) for number, part in parts if part.metric is not None), key=lambda one: one[:2])
    if len(known) < 2:
        return []
    beyond = [(low, high) for low, high in combinations(known, 2) if high[0] - low[0] > threshold and (low, high) != (known[0], known[-1])]
    beyond.sort(key=lambda pair: (pair[0][0] - pair[1][0]) / sqrt(1 / pair[0][2].n + 1 / pair[1][2].n))
    told: list[dict[str, Any]] = []
    for low, high in [(known[0], known[-1]), *beyond[:SURER]]:
        found = _metric_gap(codes, low, high, scoring, name, len(known) * (len(known) - 1) // 2)
        if found is None:
            continue
        told.append(found)
        if _is_certain(found):
            break
    return told


def _is_certain(found: Mapping[str, Any]) -> bool:
    return bool(found["ci"] is not None and found["ci"][0] > 0 and found["p_adjusted"] is not None and found["p_adjusted"] <= ALPHA)


def _metric_gap(codes: Integers, lowest: Known, highest: Known, scoring: Scoring, name: str, pairs: int) -> dict[str, Any] | None:
    """Their rows are sampled; `p_adjusted` is Bonferroni's among all pairs."""
    (low_value, low, below_it), (high_value, high, above_it) = lowest, highest
    seed = scoring.plan["seed"]
    numbers = [np.flatnonzero(codes == number) for number in (high, low)]
    scored = [part_of(scoring, rows[sampled(len(rows), ROWS, seed)]) for rows in numbers]
    above, below = (part.metric({"metric": name}) for part in scored)
    if above is None or below is None:
        return None
    found = apart(above, len(scored[0].labels), below, len(scored[1].labels), seed)
    p = None if found is None else found.p
    return {
        "high": above_it.name, "low": below_it.name, "high_value": high_value, "low_value": low_value,
        "ci": found.ci if found else None, "p": p, "p_adjusted": None if p is None else min(1.0, p * pairs),
        "rows": {"resampled": [len(part.labels) for part in scored], "of": [len(rows) for rows in numbers]},
    }  # fmt: skip
