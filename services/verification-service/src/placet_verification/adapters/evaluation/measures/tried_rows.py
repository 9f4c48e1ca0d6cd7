"""Predicts rows that a person gives, and explains each: what its columns add, and the nearest change that would change the answer.

The rows are checked (`domain.tried_rows`) and stand in the one check of the trial's document. What is answered is for a person: nothing
judges it, and it is kept nowhere.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.columns import NUMPY
from placet_verification.adapters.evaluation.csv_rows import BOOLEANS
from placet_verification.adapters.evaluation.dataset import Dataset
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.prediction import Predictions
from placet_verification.adapters.evaluation.probing import SAMPLE, class_number, deviation, failure_on_probes, predicted, score_of
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.scoring import Scoring
from placet_verification.adapters.evaluation.statistics.arrays import Column, Floats
from placet_verification.adapters.evaluation.statistics.counterfactual import AT_MOST, EVALUATIONS, Counterfactual, nearest
from placet_verification.adapters.evaluation.statistics.cuts import is_numeric
from placet_verification.adapters.evaluation.statistics.probing import Columns, sampled, taken
from placet_verification.adapters.evaluation.statistics.shapley import BACKGROUND, PERMUTATIONS, explain

__all__ = ["measure"]

LISTED = 50
"""Columns and classes that are listed at most."""
MOST_VALUES = 20_000_000
"""Of the rows that are mixed to explain one: of very many columns there are fewer permutations, and the standard error says so."""
SHOWN_CHARACTERS = 100
"""Of a text."""


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """By row: its prediction, what is unlike the data, contributions, and a counterfactual. The evaluation data are the background."""
    chosen = sampled(len(inputs.data), SAMPLE, inputs.plan["seed"])
    background = taken(inputs.data.columns(inputs.plan), chosen)
    return {
        check["id"]: {
            "background_rows": min(BACKGROUND, len(chosen)),
            "permutations": _permutations(background),
            "most_changes": AT_MOST,
            "most_evaluations": EVALUATIONS,
            "rows": [_tried(row, background, inputs) for row in check["rows"]],
        }
        for check in checks
    }


def _permutations(columns: Columns) -> int:
    return max(2, min(PERMUTATIONS, MOST_VALUES // (len(columns) * (len(columns) + 1))))


def _tried(row: Mapping[str, Any], background: Columns, inputs: Inputs) -> dict[str, Any]:
    dataset = _dataset(row, inputs)
    columns = dataset.columns(inputs.plan)
    facts: dict[str, Any] = {
        "prediction": None,
        "reason_code": None,
        "unlike_data": [name for name in columns if _is_unlike(columns[name][0], background[name])][:LISTED],
    }
    try:
        now = inputs.predict(dataset)
        facts["prediction"] = _prediction(now, inputs)
        return facts | _explained(columns, now, background, inputs) | _counterfactual(columns, now, background, inputs)
    except Refused as refused:
        nothing = {"explanation": None, "counterfactual": None, "counterfactual_reason": None}
        return nothing | facts | {"reason_code": failure_on_probes(refused)}


def _dataset(row: Mapping[str, Any], inputs: Inputs) -> Dataset:
    """The row as the plan's inputs take it, beside a label that nothing looks at."""
    tensors = {}
    for part in inputs.plan["inputs"]:
        tensor: NDArray[Any] = np.empty((1, len(part["columns"])), dtype=NUMPY[part["type"]])
        for place, name in enumerate(part["columns"]):
            tensor[0, place] = _value(row[name], part["type"])
        tensors[part["name"]] = tensor
    return Dataset(inputs.data.labels[:1], tensors)


def _value(given: Any, kind: str) -> Any:
    if kind.startswith("float"):
        return float("nan") if given in (None, "") else float(given)
    if kind.startswith("int"):
        return int(given)
    return BOOLEANS[given.lower()] if kind == "bool" and isinstance(given, str) else given


def _is_unlike(value: Any, known: Column) -> bool:
    """A number outside the data's range, or a category that they do not have."""
    if not is_numeric(known):
        return not bool((known == value).any())
    if np.isnan(value):
        return not bool(np.isnan(known).any())
    finite = known[np.isfinite(known)]
    return not len(finite) or not bool(finite.min() <= value <= finite.max())


def _decided(predictions: Predictions, inputs: Inputs) -> NDArray[np.int64]:
    return Scoring(inputs.plan, inputs.data.labels[:0], predictions).decided


def _prediction(predictions: Predictions, inputs: Inputs) -> dict[str, Any]:
    """Of the first row: a value; or the class that is decided, and the score of the positive class or of each."""
    plan = inputs.plan
    if plan["task"] == "regression":
        return {"class": None, "scores": None, "value": float(predictions.scores[0])}
    classes = plan["prediction"]["classes"]
    if plan["task"] == "binary":
        scores = {plan["prediction"]["positive"]: float(predictions.scores[0])}
    else:
        best = np.argsort(-predictions.scores[0], kind="stable")[:LISTED]
        scores = {classes[number]: float(predictions.scores[0][number]) for number in best}
    return {"class": classes[int(_decided(predictions, inputs)[0])], "scores": scores, "value": None}


def _explained(columns: Columns, now: Predictions, background: Columns, inputs: Inputs) -> dict[str, Any]:
    of_class = None
    if inputs.plan["task"] == "multiclass":
        of_class = inputs.plan["prediction"]["classes"][int(_decided(now, inputs)[0])]
    score = score_of(inputs, class_number(inputs, of_class))
    found = explain(columns, background, score, inputs.plan["seed"], permutations=_permutations(columns))
    if found is None:
        return {"explanation": None}
    ordered = sorted(found.contributions, key=lambda one: -abs(one.value))
    listed = [
        {"column": one.column, "given": _shown(columns[one.column][0]), "value": one.value, "standard_error": one.standard_error}
        for one in ordered[:LISTED]
    ]
    facts = {"of_class": of_class, "prediction": found.prediction, "base": found.base, "gap": found.gap}
    return {"explanation": {**facts, "contributions": listed, "not_listed": len(ordered) - len(listed)}}


def _counterfactual(columns: Columns, now: Predictions, background: Columns, inputs: Inputs) -> dict[str, Any]:
    """The nearest row that is decided otherwise; of a regression, one predicted a standard deviation of all predictions away."""
    kept = inputs.plan.get("explanation", {}).get("immutable", [])
    mutable = [name for name in columns if name not in kept]
    found = nearest(
        columns,
        background,
        mutable,
        lambda changed: _margins(predicted(inputs, changed), now, inputs),
        lambda margins: margins,
    )
    if found is None:
        return {"counterfactual": None, "counterfactual_reason": "none_found" if mutable else "no_column_may_change"}
    return {"counterfactual": _described(found, columns, inputs), "counterfactual_reason": None}


def _margins(then: Predictions, now: Predictions, inputs: Inputs) -> Floats:
    """How far each prediction is on the other side: 0 or more is decided otherwise."""
    if inputs.plan["task"] == "regression":
        # a model that answers the same everywhere is moved by nothing
        return np.asarray(abs(then.scores - now.scores[0]) - max(deviation(inputs), np.finfo(np.float64).tiny))
    decided, before = _decided(then, inputs), int(_decided(now, inputs)[0])
    if inputs.plan["task"] == "multiclass":
        others = np.delete(then.scores, before, axis=1).max(axis=1)
        distance = abs(others - then.scores[:, before])
    else:
        distance = abs(then.scores - inputs.plan["prediction"]["threshold"])
    return np.asarray(np.where(decided == before, -distance - np.finfo(np.float64).tiny, distance))


def _described(found: Counterfactual, columns: Columns, inputs: Inputs) -> dict[str, Any]:
    row = {name: np.array([found.changes.get(name, column[0])]) for name, column in columns.items()}
    return {
        "changes": [_change(name, columns[name], value) for name, value in found.changes.items()],
        "prediction": _prediction(predicted(inputs, row), inputs),
        "distance": found.distance,
        "evaluations": found.evaluations,
    }


def _change(name: str, column: Column, value: Any) -> dict[str, Any]:
    return {"column": name, "from": _shown(column[0]), "to": _shown(column.dtype.type(value) if is_numeric(column) else value)}


def _shown(value: Any) -> Any:
    """As a person writes it: a number in the shortest form that its type tells apart, and the beginning of a text."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, np.floating):
        return float(str(value)) if np.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    text = str(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"
