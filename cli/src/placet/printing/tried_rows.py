"""Prints what a model answered to rows that a person gave: for each its prediction, what its columns add, and what would change it."""

from collections.abc import Mapping, Sequence
from typing import Any

from placet_client.answers.trials import Trial, TriedContribution, TriedCounterfactual, TriedPrediction, TriedRow, TriedRows
from placet_client.printing.errors import show_told_facts
from placet_client.printing.page import Column, show_line, show_table, show_warning
from placet_client.printing.words import listed, plain

__all__ = ["show_trial"]

SHOWN = 10
"""Columns that are shown; `--json` has up to fifty."""
WHY_NONE: Mapping[str, str] = {
    "none_found": "no change of up to {changes} columns to values of the data was found in {evaluations} evaluations",
    "no_column_may_change": "none of its columns may change, by the plan's `explanation.immutable`",
}

CONTRIBUTIONS: tuple[Column[TriedContribution], ...] = (
    ("column", lambda one: plain(one.column)),
    ("given", lambda one: _value(one.given)),
    ("adds", lambda one: f"{one.value:+.4g}"),
    ("±", lambda one: "" if one.standard_error is None else f"{one.standard_error:.2g}"),
)


def show_trial(trial: Trial, given: Sequence[Mapping[str, Any]]) -> None:
    """The rows in their order, or why there is no answer."""
    if not trial.has_ended:
        show_line(f"{trial.status}, not answered yet", "bold yellow")
    elif trial.tried is None:
        show_line(f"could not be tried: {plain(trial.detail)} [{trial.reason_code}]", "bold red")
        show_warning(f"  → {plain(trial.resolve)}")
        show_told_facts(trial.facts)
    else:
        for number, row in enumerate(trial.tried.rows):
            _show_row(f"row {number + 1}" if len(given) > 1 else "prediction", row, trial.tried)
        show_line(f"by plan {trial.plan.name} version {trial.plan.version}; no evidence, and not kept", "dim")


def _show_row(heading: str, row: TriedRow, tried: TriedRows) -> None:
    if row.prediction is None:
        show_line(f"{heading}: none [{row.reason_code}]", "bold red")
        return
    show_line(f"{heading}: {_prediction(row.prediction)}", "bold")
    if row.unlike_data:
        show_line(f"unlike the data: {listed(row.unlike_data)}", "yellow")
    if row.explanation:
        of = f" for {row.explanation.of_class}" if row.explanation.of_class else ""
        show_line(f"starting from the mean{of} of {tried.background_rows} rows of the data, {row.explanation.base:.4g}:")
        show_table(CONTRIBUTIONS, row.explanation.contributions[:SHOWN], "No column adds anything.")
        left_out = len(row.explanation.contributions[SHOWN:]) + row.explanation.not_listed
        more = f"{left_out} more columns; " if left_out else ""
        show_line(f"{more}not explained by sampling: {row.explanation.gap:+.2g}", "dim")
    elif row.reason_code:
        show_line(f"not explained: the model does not answer rows near it [{row.reason_code}]", "yellow")
    if row.counterfactual:
        show_line(f"would be {_prediction(row.counterfactual.prediction)} with {_changes(row.counterfactual)}", "bold")
    elif row.counterfactual_reason:
        why = WHY_NONE.get(row.counterfactual_reason, row.counterfactual_reason)
        show_line(f"no counterfactual: {why.format(changes=tried.most_changes, evaluations=tried.most_evaluations)}")


def _prediction(prediction: TriedPrediction) -> str:
    if prediction.value is not None:
        return f"{prediction.value:.6g}"
    scores = sorted((prediction.scores or {}).items(), key=lambda one: -one[1])[:3]
    return f"{plain(prediction.decided)} ({', '.join(f'{plain(name)}: {score:.4g}' for name, score in scores)})"


def _changes(found: TriedCounterfactual) -> str:
    changes = (f"{plain(one.column)} {_value(one.given)} → {_value(one.changed)}" for one in found.changes)
    return f"{', '.join(changes)} (distance {found.distance:.3g}, {found.evaluations} evaluations)"


def _value(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else "nothing" if value is None else plain(value)
