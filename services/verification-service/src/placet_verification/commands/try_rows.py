"""Have rows that a person gives tried: by which plan, whether they can be rows of its data, and a place in the queue.

It appends nothing: a trial is no evidence, and what people type belongs in no event (docs/decisions/0029).

1. The version is registered, with its bytes. 2. One plan that is in force for it has data. 3. The rows have the columns of the plan, with
values that these can have. 4. The trial waits for a worker.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from placet_shared.errors import Conflict
from placet_shared.identifiers import new_id
from placet_verification.commands.plans_in_force import Fetching, PlanInForce
from placet_verification.commands.request_verification import (
    RequestVerification,
    chosen_plans,
    refuse_other_data,
    registered_version,
    runnable_data,
)
from placet_verification.domain.tried_rows import check_rows
from placet_verification.ports import Registry, RowTrialQueue, TriedVersion

__all__ = ["TryRows", "try_rows"]


@dataclass(frozen=True, slots=True)
class TryRows:
    """`person` is the actor who may read the answer; `version` is what is tried, and by which plan."""

    person: str
    version: RequestVerification
    rows: Sequence[Mapping[str, Any]]


async def try_rows(command: TryRows, connection: Fetching, registry: Registry, queue: RowTrialQueue) -> str:
    """The trial's id; raises `NotFound`, `Conflict`, `Invalid`, `Malformed`, `TooMany`, `Unavailable`."""
    version, models = await registered_version(command.version, registry)  # 1
    plan = _with_data(await chosen_plans(command.version, connection, models), models[0].name)  # 2
    refuse_other_data([plan], command.version)
    datasets = {data["input"]: data["sha256"] for data in runnable_data(plan, version, command.version)}
    check_rows(plan.document, command.rows)  # 3
    tried = TriedVersion(
        model_id=version.model_id,
        version_id=version.version_id,
        environment=command.version.environment,
        plan=plan.reference(),
        document=plan.document,
        format=version.format,
        artifact_sha256=version.artifact_sha256,
        datasets={"evaluation": datasets["evaluation"]},
        signature=version.signature,
    )
    trial_id = new_id()
    await queue.add(trial_id, command.person, tried, command.rows)  # 4
    return trial_id


def _with_data(plans: Sequence[PlanInForce], model: str) -> PlanInForce:
    """The one plan that says what columns and predictions mean."""
    found = [plan for plan in plans if plan.document["dataset"]]
    if not found:
        raise Conflict(
            f"No plan in force for {model} runs the model ({', '.join(plan.name for plan in plans)}), so none says what its columns mean.",
            code="plan_without_data",
            resolve="An admin publishes a plan with `dataset`, `inputs` and `prediction`: `placet plans new` writes a first one.",
        )
    if len(found) > 1:
        raise Conflict(
            f"{len(found)} plans in force for {model} run the model, and rows are tried by one of them.",
            code="several_plans",
            resolve="Name one as `plan`.",
            plans=[plan.name for plan in found],
        )
    return found[0]
