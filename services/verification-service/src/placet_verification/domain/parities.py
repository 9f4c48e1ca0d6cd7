"""Parities between groups (Hardt et al. 2016; Chouldechova 2017): which rates each of them compares."""

from collections.abc import Mapping, Sequence
from typing import Literal

__all__ = ["DEFAULT_PARITIES", "RATES", "ComparedRate", "Parity"]

Parity = Literal["demographic_parity_difference", "demographic_parity_ratio", "equal_opportunity", "equalised_odds", "predictive_parity"]
ComparedRate = Literal["selection_rate", "tpr", "fpr", "ppv"]

RATES: Mapping[Parity, Sequence[ComparedRate]] = {
    "demographic_parity_difference": ("selection_rate",),
    "demographic_parity_ratio": ("selection_rate",),
    "equal_opportunity": ("tpr",),
    "equalised_odds": ("tpr", "fpr"),
    "predictive_parity": ("ppv",),
}
DEFAULT_PARITIES: Sequence[Parity] = ("demographic_parity_difference", "demographic_parity_ratio", "equalised_odds")
"""Of plans that name none."""
