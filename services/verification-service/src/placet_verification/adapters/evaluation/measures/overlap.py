"""Measures `overlap`: how many evaluation rows have the inputs of a training row."""

from collections.abc import Mapping, Sequence
from typing import Any

from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.statistics.row_hashes import overlap, row_hashes

__all__ = ["measure"]


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """The same for each check of the kind; no further inference. Rows are counted from 1."""
    shared = overlap(*(row_hashes(data.columns(inputs.plan)) for data in (inputs.data, inputs.training)))
    assert shared is not None  # an empty data set is refused when it is read
    found = {
        "n": shared.n,
        "share": shared.share,
        "ci": shared.ci,
        "shared_rows": shared.count,
        "first_row": None if shared.first is None else shared.first + 1,
        "training_rows": len(inputs.training),
        "same_data": inputs.files.datasets["training"] == inputs.files.datasets["evaluation"],
    }
    return {check["id"]: found for check in checks}
