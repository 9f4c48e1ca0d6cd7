"""Why `placet try` has no counterfactual for a row."""

from placet_shared.explained_codes import explained

__all__ = ["TRIAL_CODES"]

TRIAL_CODES = explained(
    "trial",
    "docs/verification.md",
    {
        "none_found": (
            "No change of the columns that may change was found that makes the model decide otherwise.",
            "Let more columns change; the decision may also be one that the model never changes.",
        ),
        "no_column_may_change": ("No column of the row may change.", "Name fewer columns that stay as they are."),
    },
)
