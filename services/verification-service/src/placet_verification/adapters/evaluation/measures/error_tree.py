"""Measures `error_tree`: the leaves of a tree that predicts "the model is wrong"."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.chosen import chosen_columns, without_keys
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.statistics.arrays import Bools
from placet_verification.adapters.evaluation.statistics.error_tree import Leaf, error_tree

__all__ = ["measure"]

LARGE = 0.9
"""The quantile of the absolute errors above which a row is wrong, where a plan of a regression does not say."""


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """Every check by itself; no further inference."""
    return {check["id"]: _measured(check, inputs) for check in checks}


def _measured(check: Mapping[str, Any], inputs: Inputs) -> dict[str, Any]:
    columns, left_out = without_keys(chosen_columns(inputs, check["columns"]))
    wrong, large_error = _wrong(check, inputs)
    leaves = error_tree(columns, wrong, inputs.plan["seed"], check["depth"], check["least_share"])
    facts = {"n": len(wrong), "errors": int(wrong.sum()), "seed": inputs.plan["seed"], "left_out": left_out, "large_error": large_error}
    return {**facts, "leaves": [_plain(leaf) for leaf in leaves]}


def _wrong(check: Mapping[str, Any], inputs: Inputs) -> tuple[Bools, float | None]:
    """With the error from which on a number is wrong."""
    scoring = inputs.scoring
    if inputs.plan["task"] != "regression":
        return np.asarray(scoring.labels != scoring.decided), None
    errors = abs(scoring.errors)
    large = float(np.quantile(errors, LARGE)) if check["large_error"] is None else float(check["large_error"])
    return np.asarray(errors > large), large


def _plain(leaf: Leaf) -> dict[str, Any]:
    numbers = ("n", "errors", "ci", "share_of_errors")
    return {"path": [str(split) for split in leaf.path], **{name: getattr(leaf, name) for name in numbers}}
