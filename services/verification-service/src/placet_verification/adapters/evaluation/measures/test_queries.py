"""Measures `test_queries`: what the model answers to each row of the plan, by itself, so that one that fails hides no other."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.probing import failure_on_probes, predicted
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.scoring import Scoring

__all__ = ["measure"]


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """By check and query; `decided` is the number of a class."""
    classes = inputs.plan["prediction"]["classes"]
    return {
        check["id"]: {"classes": classes, "answers": {query["name"]: _answer(query["row"], inputs) for query in check["queries"]}}
        for check in checks
    }


def _answer(row: Mapping[str, Any], inputs: Inputs) -> dict[str, Any]:
    columns = {name: np.array([value], dtype=np.object_ if isinstance(value, str) else np.float64) for name, value in row.items()}
    try:
        predictions = predicted(inputs, columns)
    except Refused as refused:
        return {"failure": failure_on_probes(refused), "score": None, "decided": None}
    if inputs.plan["task"] == "regression":
        return {"failure": None, "score": float(predictions.scores[0]), "decided": None}
    decided = int(Scoring(inputs.plan, inputs.data.labels[:1], predictions).decided[0])
    score = float(predictions.scores[0]) if inputs.plan["task"] == "binary" else float(predictions.scores[0, decided])
    return {"failure": None, "score": score, "decided": decided}
