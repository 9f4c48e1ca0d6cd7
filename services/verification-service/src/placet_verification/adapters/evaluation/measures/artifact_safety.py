"""Measures `artifact_safety`: which rule the file breaks, if any."""

from collections.abc import Mapping, Sequence
from typing import Any

from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.model_formats import refuse_unsafe
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["measure"]


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """The same for each check of the kind."""
    found: dict[str, Any] = {"bytes": len(inputs.files.artifact), "reason_code": None, "facts": {}}
    try:
        refuse_unsafe(inputs.format.name, inputs.files.artifact, inputs.plan["artifact"])
    except Refused as refused:
        found |= {"reason_code": refused.reason_code, "facts": refused.facts}
    return {check["id"]: found for check in checks}
