"""The checks of a first plan: what must hold, what is advice, and what a report shows besides."""

from collections.abc import Iterator

__all__ = ["check_lines"]

METRICS = {
    "binary": (
        '{id: ranks-well, metric: roc_auc, comparator: ">=", threshold: 0.75, judge: interval}',
        '{id: honest-probabilities, metric: brier, comparator: "<=", threshold: 0.25, severity: advisory}',
    ),
    "multiclass": (
        '{id: right-often-enough, metric: balanced_accuracy, comparator: ">=", threshold: 0.7, judge: interval}',
        '{id: honest-probabilities, metric: log_loss, comparator: "<=", threshold: 1.0, severity: advisory}',
    ),
    "regression": (
        '{{id: explains-enough, metric: r2, comparator: ">=", threshold: 0.5, judge: interval}}',
        '{{id: errors-are-small, metric: mae, comparator: "<=", threshold: {spread}, severity: advisory}}   # as large as the labels vary',
    ),
}
ADVICE = (
    "{id: large-enough-data, check: data_quality, severity: advisory}",
    "{id: steady, check: robustness, severity: advisory}",
    "{id: no-weak-slice, check: weakest_slices, severity: advisory}",
)
PICTURES = (
    "{id: where-it-errs, check: error_tree, severity: advisory}",
    "{id: which-columns-count, check: importance, severity: advisory}",
    "{id: how-columns-act, check: dependence, severity: advisory}",
)


def check_lines(task: str, spread: str, *, signature: bool) -> Iterator[str]:
    """The entries under `checks`, with comments; `spread` is how far the labels of a regression vary."""
    yield "  - {id: artifact-safety, check: artifact_safety}"
    if signature:
        yield "  - {id: signature, check: signature}"
    yield "  # Thresholds are a first guess: what must the model reach to be of use?"
    yield from (f"  - {line.format(spread=spread) if task == 'regression' else line}" for line in METRICS[task])
    yield "  - {id: better-than-a-guess, check: better_than_dummy}"
    yield "  - {id: no-worse-than-before, check: champion}"
    yield "  # Must groups be treated alike? Name the columns that make them:"
    gap = ", metric_gap: 0.1" if task == "regression" else ""
    yield f"  # - {{id: groups-alike, check: subgroups, columns: [region]{gap}}}"
    yield "  # Advice: it is shown, and fails nothing."
    if task != "regression":
        yield "  - {id: calibrated, check: calibration, severity: advisory}"
    yield from (f"  - {line}" for line in ADVICE)
    evidence = "residuals" if task == "regression" else "confusion"
    yield "  # Evidence for the report, which decides nothing."
    yield f"  - {{id: {evidence}, check: {evidence}, severity: advisory}}"
    yield from (f"  - {line}" for line in PICTURES)
