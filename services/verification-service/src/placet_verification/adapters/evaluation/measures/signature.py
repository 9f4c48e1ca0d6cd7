"""Measures `signature`: whether the model has the inputs and outputs that were registered."""

from collections.abc import Mapping, Sequence
from typing import Any

from placet_verification.adapters.evaluation.declared_signature import hold_against
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["measure"]

_OF_THE_WORKER = frozenset({"format_not_installed"})


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """The same for each check of the kind; a model that can't be loaded has no signature."""
    found: dict[str, Any] = {"declared": inputs.signature is not None, "reason_code": None, "facts": {}}
    try:
        if inputs.signature is not None:
            hold_against(inputs.signature, inputs.session)
    except Refused as refused:
        if refused.reason_code in _OF_THE_WORKER:
            raise
        found |= {"reason_code": refused.reason_code, "facts": refused.facts}
    return {check["id"]: found for check in checks}
