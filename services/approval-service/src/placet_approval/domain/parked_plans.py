"""What a parked event about a plan holds up: the models that the plan is for, in its environments, and nothing else (rule 35)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from placet_shared.model_selectors import ModelSelector, SelectableModel

__all__ = ["PLAN", "may_concern"]

PLAN: Final = "plan:"
"""What the parked subjects of plans begin with."""


def may_concern(event: str, environment: str, models: Sequence[SelectableModel] | None) -> bool:
    """Whether the event, a CloudEvent in JSON, could ask for evidence about one of the models; what can't be read, or models that are not
    known, could be concerned by anything.

    An event about a plan's end asks for nothing.
    """
    try:
        envelope: Mapping[str, Any] = json.loads(event)
        if str(envelope["type"]).split(".")[1] == "PlanWithdrawn":
            return False
        document = envelope["data"]["document"]
        environments = document["environments"] if "environments" in document else [document["environment"]]
        selector = ModelSelector.from_document(document.get("for", {}))
        return environment in environments and (models is None or any(selector.selects(model) for model in models))
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        return True
