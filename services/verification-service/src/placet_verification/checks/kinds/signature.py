"""The model's inputs and outputs are those that were registered with the version."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from placet_verification.checks.kind import CheckKind, Parameters
from placet_verification.domain.records import Record, Status

__all__ = ["KIND"]


class SignatureParameters(Parameters):
    """Whether a version may have none."""

    required: Annotated[bool, Field(description="a version without a registered signature fails")] = True


def judge(wanted: SignatureParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """FAIL where they differ; `parameters` have what was expected and what was found."""
    if found["declared"] is False:
        status: Status = "FAIL" if wanted.required else "NOT_APPLICABLE"
        return [Record(status=status, reason_code="signature_missing", method="declared_signature")]
    refused = found["reason_code"]
    return [Record(status="FAIL" if refused else "PASS", reason_code=refused, method="declared_signature", parameters=found["facts"])]


KIND = CheckKind(
    name="signature",
    version=1,
    purpose="Names, types and fixed lengths of inputs and outputs are those of the registered signature.",
    parameters=SignatureParameters,
    measure="placet_verification.adapters.evaluation.measures.signature:measure",
    judge=judge,
    runs_the_model=False,
)
