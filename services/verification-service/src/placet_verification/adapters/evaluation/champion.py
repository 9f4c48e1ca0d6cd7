"""The deployed version's predictions held against the truth, or why there are none to compare with."""

from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.scoring import Scoring

__all__ = ["champion_of"]

_OF_THE_RUN = frozenset({"memory_limit"})


def champion_of(inputs: Inputs) -> tuple[Scoring | None, str | None]:
    """The scoring, or a reason: `nothing_deployed`, or `champion_…` where the deployed version does not run on these data.

    That one's fault is not the challenger's, which keeps its other checks: only what exhausts the run's memory ends the run.
    """
    try:
        predictions = inputs.champion_predictions
    except Refused as refused:
        if refused.reason_code in _OF_THE_RUN:
            raise
        return None, f"champion_{refused.reason_code}"
    return (None, "nothing_deployed") if predictions is None else (inputs.scored(inputs.data, predictions), None)
