"""The model that was meant by a name that is unknown."""

import difflib
import re

from placet_client import Client, ClientError, Problem

__all__ = ["advice_for"]

UNKNOWN = re.compile(r"There is no model (.{1,200})\.", re.DOTALL)
LOOKED_THROUGH = 1000
NEARNESS = 0.6


def advice_for(problem: Problem, placet: Client) -> str | None:
    """What helps against `model_not_found`: the nearest of the models there are; None for another problem."""
    if problem.code != "model_not_found":
        return None
    named = UNKNOWN.fullmatch(problem.detail)
    try:
        names = [model.name for model in placet.registry.models(LOOKED_THROUGH).items] if named else []
    except ClientError:
        names = []
    near = difflib.get_close_matches(named[1], names, 1, NEARNESS) if named else []
    return f"Did you mean {near[0]}? `placet models` lists all." if near else "`placet models` lists all that there are."
