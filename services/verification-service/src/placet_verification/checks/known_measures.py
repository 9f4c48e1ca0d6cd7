"""What each number of a record is: a definition and where it is from, for the page of checks.

A name that begins with `…` is the ending of one that begins with a metric's: `rmse_drop`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["MEASURES", "Measure"]


@dataclass(frozen=True, slots=True)
class Measure:
    """`source` is a publication, the function of a library that computes the same, or empty where the definition says all."""

    definition: str
    source: str = ""


_DECISIONS = {
    "accuracy": Measure("rows whose decision is their label ÷ all rows", "scikit-learn `accuracy_score`"),
    "balanced_accuracy": Measure("mean over the classes that occur of TP ÷ (TP + FN)", "scikit-learn `balanced_accuracy_score`"),
    "f1": Measure("of the positive class: 2·TP ÷ (2·TP + FP + FN)", "scikit-learn `f1_score`"),
    "f1_macro": Measure("mean of the F1 of each class that occurs or is predicted", "scikit-learn `f1_score(average='macro')`"),
    "f1_weighted": Measure("mean of the F1 of each class, weighted by how often it occurs", "scikit-learn `f1_score(average='weighted')`"),
    "mcc": Measure(
        "Matthews' correlation of decisions and labels: (TP·TN − FP·FN) ÷ √((TP+FP)(TP+FN)(TN+FP)(TN+FN)), for several classes its "
        "generalisation; 0 where a side is constant",
        "Gorodkin 2004; scikit-learn `matthews_corrcoef`",
    ),
    "top_k_accuracy": Measure(
        "rows whose true class is among the k highest scores ÷ all rows; of equal scores the later class counts as higher",
        "scikit-learn `top_k_accuracy_score`",
    ),
}
_SCORES = {
    "roc_auc": Measure(
        "P(score of a positive row > score of a negative row) + ½·P(they are equal)", "Hanley & McNeil 1982; scikit-learn `roc_auc_score`"
    ),
    "average_precision": Measure(
        "Σ (recallₙ − recallₙ₋₁)·precisionₙ over the thresholds n, not interpolated", "scikit-learn `average_precision_score`"
    ),
    "brier": Measure(
        "mean of (p − y)², p the probability of the positive class, y 1 or 0; in `calibration` of several classes the sum over all of them",
        "Brier 1950; scikit-learn `brier_score_loss`",
    ),
    "log_loss": Measure(
        "mean of −ln p, p the probability of the true class, kept off 0 by one unit in the last place", "scikit-learn `log_loss`"
    ),
    "ece": Measure(
        "Σ (rows of a bin ÷ all rows)·|share of positives − mean probability|, bins of equal width", "Naeini et al. 2015; Guo et al. 2017"
    ),
    "mce": Measure("the largest |share of positives − mean probability| of a bin", "Naeini et al. 2015"),
}
_NUMBERS = {
    "mae": Measure("mean of |ŷ − y|", "scikit-learn `mean_absolute_error`"),
    "rmse": Measure("√ of the mean of (ŷ − y)²", "scikit-learn `root_mean_squared_error`"),
    "r2": Measure("1 − Σ(ŷ − y)² ÷ Σ(y − mean of y)²; not defined for constant labels", "scikit-learn `r2_score`"),
    "mape": Measure(
        "mean of |(ŷ − y) ÷ y|; not defined where a label is nearer to zero than `guard`", "scikit-learn `mean_absolute_percentage_error`"
    ),
    "median_absolute_error": Measure("median of |ŷ − y|"),
    "mean_residual": Measure("mean of y − ŷ"),
}
_COMPARED = {
    "…_difference": Measure("the metric of this model − that of the other one, on the same rows; with a paired interval"),
    "…_drop": Measure(
        "how much worse the metric is on changed rows, positive for a loss; in `importance` after the columns were permuted",
        "Breiman 2001, for permuted columns",
    ),
    "…_gap": Measure(
        "in `overfit` how much better the metric is on training data, of metrics without a scale as a share of its value; in `subgroups` "
        "the highest − the lowest value among the groups"
    ),
    "flip_rate": Measure("rows that the deployed version decides otherwise ÷ all rows; with Wilson's interval"),
    "flip_rate_away_from_truth": Measure("rows that the deployed version decides rightly and this one wrongly ÷ all rows"),
}
_GROUPS = {
    "demographic_parity_difference": Measure("largest − smallest selection rate: rows predicted positive ÷ rows of the group", "fairlearn"),
    "demographic_parity_ratio": Measure("smallest ÷ largest selection rate (the four-fifths rule)", "fairlearn"),
    "equal_opportunity": Measure("largest − smallest true positive rate TP ÷ (TP + FN)", "Hardt et al. 2016"),
    "equalised_odds": Measure(
        "the larger of the gaps of the true positive and the false positive rate FP ÷ (FP + TN)", "Hardt et al. 2016; fairlearn"
    ),
    "predictive_parity": Measure("largest − smallest precision TP ÷ (TP + FP)", "Chouldechova 2017"),
}
_DATA = {
    "psi": Measure(
        "population stability index Σ (q − p)·ln(q ÷ p), p and q the shares of the reference and the current rows in each of ten quantile "
        "bins of the reference, or category; missing values are a bin"
    ),
    "two_sample_auc": Measure(
        "AUC of a logistic regression, two-fold cross-fitted, that tells the current rows from the reference; 0.5: alike",
        "Lopez-Paz & Oquab 2017",
    ),
    "column_auc": Measure(
        "AUC of the label by one column alone, turned so that it is 0.5 or more; of several classes the largest, one against the others"
    ),
    "column_r2": Measure(
        "squared correlation of one column with the label; a category stands for its mean label in the other half of the rows"
    ),
    "target_cramers_v": Measure(
        "Cramér's V = √(χ² ÷ n) of labels against evaluation and training data", "Cramér 1946; SciPy `chi2_contingency`"
    ),
    "target_ks": Measure("largest distance of the distribution functions of labels in evaluation and training data", "SciPy `ks_2samp`"),
    "rows": Measure("number of rows"),
    "smallest_class_share": Measure("rows of the rarest class ÷ all rows"),
    "distinct_targets": Measure("number of different labels"),
    "duplicates": Measure("rows whose inputs an earlier row has too ÷ all rows"),
    "conflicting_labels": Measure("rows whose inputs occur with another label too ÷ all rows"),
    "shared_rows": Measure("evaluation rows with the inputs of a training row ÷ all rows"),
    "broken_rules": Measure("number of rules of the data contract that are broken; each has a record of its own, with the share of rows"),
}
_BEHAVIOUR = {
    "resilience": Measure(
        "decisions that stay on corrupted rows ÷ all; of a regression predictions that move by no more than the tolerance"
    ),
    "invariance": Measure("rows whose decision stays while one column takes each of its usual values ÷ all rows"),
    "direction": Measure(
        "rows whose score does not move against the expected direction, by more than the slack, when the column is raised ÷ rows tried"
    ),
    "valid_ratio": Measure("matching rows that are predicted as the assertion says ÷ matching rows"),
    "queries_held": Measure("number of test queries answered as expected"),
    "prediction": Measure("what the model predicts for the row"),
    "rows_that_differ": Measure("rows with another decision or score when they are predicted again ÷ rows that are"),
    "critical_samples": Measure("rows that are listed because corruptions change their decision, those first that most of them change"),
    "partial_dependence_range": Measure(
        "largest − smallest mean prediction while the column takes each of its usual values", "Friedman 2001"
    ),
    "error_rate": Measure("wrong rows ÷ rows, in the worst leaf of a tree that predicts where the model errs", "Breiman et al. 1984"),
    "accuracy_shortfall": Measure("accuracy of all rows − that of the slice, on the half of the rows that did not choose it"),
    "mae_excess": Measure("mean absolute error of the slice − that of all rows, on the half of the rows that did not choose it"),
}
_OBSERVED = {
    "median_ms": Measure("median of the milliseconds for one row"),
    "p95_ms": Measure("95th percentile of the milliseconds for one row"),
    "ms_per_row": Measure("milliseconds for a row when many are predicted at once, the best of some repetitions"),
    "peak_memory_mib": Measure("most MiB that the evaluation's process had at once"),
    "artifact_mib": Measure("MiB of the artifact"),
    "bytes": Measure("bytes of the artifact"),
    "trusted_signatures": Measure("keys of the plan that signed the statement, up to the threshold"),
}

MEASURES: Mapping[str, Measure] = MappingProxyType(
    {**_DECISIONS, **_SCORES, **_NUMBERS, **_COMPARED, **_GROUPS, **_DATA, **_BEHAVIOUR, **_OBSERVED}
)
