"""Measures `overfit`: a metric on the training and on the evaluation data, and the interval of the difference."""

from collections.abc import Mapping, Sequence
from typing import Any

from placet_verification.adapters.evaluation.chosen import part_of
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.scoring import DEFAULT_METRICS, Scoring
from placet_verification.adapters.evaluation.statistics.independent import Apart, apart
from placet_verification.adapters.evaluation.statistics.probing import sampled

__all__ = ["measure"]

ROWS = 20_000
"""More are sampled, of either data set."""


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """All checks by one inference on the training rows."""
    seed, training = inputs.plan["seed"], inputs.training
    rows = training.taken(sampled(len(training), ROWS, seed))
    seen = inputs.scored(rows, inputs.predict(rows))
    unseen = part_of(inputs.scoring, sampled(len(inputs.data), ROWS, seed))
    smallest = [part.counts["smallest_class"] for part in (seen, unseen)]
    facts = {
        "n": len(inputs.data),
        "seed": seed,
        "same_data": inputs.files.datasets["training"] == inputs.files.datasets["evaluation"],
        "rows": [len(seen.labels), len(unseen.labels)],
        "smallest_class": None if None in smallest else min(smallest),
        "parameters": {"training_rows": [len(seen.labels), len(training)], "evaluation_rows": [len(unseen.labels), len(inputs.data)]},
    }
    return {check["id"]: {**facts, **_compared(check, seen, unseen)} for check in checks}


def _compared(check: Mapping[str, Any], seen: Scoring, unseen: Scoring) -> dict[str, Any]:
    name = check["metric"] or DEFAULT_METRICS[seen.plan["task"]]
    found = _apart({**check, "metric": name}, seen, unseen)
    values = {of: getattr(found, attribute, None) for of, attribute in (("training", "first"), ("evaluation", "second"), ("ci", "ci"))}
    return {"metric": name, **values}


def _apart(check: Mapping[str, Any], seen: Scoring, unseen: Scoring) -> Apart | None:
    first, second = (part.metric(check) for part in (seen, unseen))
    if first is None or second is None:
        return None
    return apart(first, len(seen.labels), second, len(unseen.labels), seen.plan["seed"])
