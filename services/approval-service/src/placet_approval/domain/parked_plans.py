"""What a parked event holds up: about a plan, the models that the plan is for, in its environments, and nothing else (rule 35); about a
model, the bytes that the model's plans count for; about anything else, everything."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from placet_shared.model_selectors import ModelSelector, SelectableModel

__all__ = ["PLAN", "is_about", "may_concern"]

PLAN: Final = "plan:"
"""What the parked subjects of plans begin with."""

MODEL: Final = "model:"
"""What those of models begin with."""


def is_about(subject: str, models: Sequence[SelectableModel] | None) -> bool:
    """Whether the subject of a parked event, not one of a plan, is one of the models, or no model at all; models that are not known could
    be any.

    They are a version's own model and those that had its bytes before: a tag of any of them can bring a plan with it.
    """
    return not subject.startswith(MODEL) or models is None or subject.removeprefix(MODEL) in {model.model_id for model in models}


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
