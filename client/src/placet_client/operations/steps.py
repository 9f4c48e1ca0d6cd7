"""approval-service: the steps of a policy for one version. Models are named by id or name, steps as in the policy."""

from collections.abc import Sequence
from typing import Any

from placet_client.answers.steps import ChangedStep, VersionSteps
from placet_client.calls import Call
from placet_client.operations.paths import quoted

__all__ = ["complete_step", "reopen_step", "steps"]

SERVICE = "approval"


def steps(model: str, number: int, environment: str) -> Call[VersionSteps]:
    """In the policy's order, with who could complete what is next. Raises `Problem` with code version_not_found."""
    named: dict[str, Any] = {"model": model, "number": number, "environment": environment}
    return Call(SERVICE, "GET", "/v1/steps", VersionSteps, named)


def complete_step(model: str, number: int, environment: str, step: str, comment: str, evidence: Sequence[str] = ()) -> Call[ChangedStep]:
    """For people with the step's role and no part in the version; `evidence` are SHA-256 of files."""
    body = {"model": model, "number": number, "environment": environment, "comment": comment, "evidence": list(evidence)}
    return Call(SERVICE, "POST", f"/v1/steps/{quoted(step)}/complete", ChangedStep, json=body)


def reopen_step(model: str, number: int, environment: str, step: str, reason: str) -> Call[ChangedStep]:
    """For people with the step's role, and admins; the steps of people after it are open again too."""
    body = {"model": model, "number": number, "environment": environment, "reason": reason}
    return Call(SERVICE, "POST", f"/v1/steps/{quoted(step)}/reopen", ChangedStep, json=body)
