"""Request the verification of a version by its environment's plan: a run with all inputs fixed by digest, and a job for a worker.

1. The environment has a plan. 2. The registry knows the version, and has the bytes of a format that can be evaluated.
3. There is one data set: the plan's, or the caller's where the plan leaves it open. 4. The run and its job are one append.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from placet_shared.access import Roles, allowed
from placet_shared.errors import Conflict, Invalid, NotFound
from placet_shared.event_store import Statement, UnitOfWork
from placet_verification.domain.plans import Plan
from placet_verification.domain.runs import Run
from placet_verification.ports import RegisteredVersion, Registry

__all__ = ["RequestRun", "RequestedRun", "request_run"]

ENQUEUE = "insert into jobs (run_id) values ($1)"


@dataclass(frozen=True, slots=True)
class RequestRun:
    """`model_id` only guards against a mix-up: a version belongs to one model."""

    run_id: str
    version_id: str
    environment: str
    model_id: str | None = None
    dataset_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class RequestedRun:
    """The new run and what it is bound to."""

    id: str
    model_id: str
    version_id: str
    environment: str
    plan: Mapping[str, Any]
    artifact_sha256: str
    dataset_sha256: str
    revision: int


@allowed(Roles.DEVELOPER, Roles.PIPELINE, Roles.ADMIN)
async def request_run(command: RequestRun, uow: UnitOfWork, registry: Registry) -> RequestedRun:
    """Raises `NotFound`, `Invalid`, `Conflict`, `Unavailable`."""
    plan = await uow.load(Plan, command.environment)  # 1
    if plan is None:
        raise NotFound(
            f"There is no verification plan for {command.environment}.",
            code="plan_not_found",
            resolve="An admin publishes a plan with `placet apply -f plan.yaml`.",
        )
    version = await _version(command, registry)  # 2
    uow.about(version.model_id)
    dataset = _dataset(command, plan)  # 3
    run = Run.request(  # 4
        command.run_id,
        model_id=version.model_id,
        version_id=version.version_id,
        environment=command.environment,
        plan=plan.reference(),
        artifact_sha256=version.artifact_sha256,
        dataset_sha256=dataset,
        at=await uow.now(),
    )
    uow.save(run, subject=version.model_id)
    uow.write(Statement(ENQUEUE, (command.run_id,)))
    return RequestedRun(
        id=command.run_id,
        model_id=run.model_id,
        version_id=run.version_id,
        environment=run.environment,
        plan=run.plan,
        artifact_sha256=run.artifact_sha256,
        dataset_sha256=run.dataset_sha256,
        revision=run.version,
    )


async def _version(command: RequestRun, registry: Registry) -> RegisteredVersion:
    version = await registry.version(command.version_id)
    if version is None:
        raise NotFound(f"The registry knows no version {command.version_id}.", code="version_not_found")
    if command.model_id not in (None, version.model_id):
        raise Invalid(
            f"Version {version.version_id} belongs to model {version.model_id}, not to {command.model_id}.",
            code="version_of_another_model",
            resolve="Leave `model_id` out, or name the version that you mean.",
        )
    if version.format != "onnx":
        raise Conflict(
            f"The version's format is {version.format}; only onnx can be evaluated here.",
            code="format_not_supported",
            resolve="Export the model as ONNX and register that.",
        )
    if not version.kept:
        raise Conflict(
            "The registry has only a reference to the artifact, not its bytes.",
            code="artifact_not_kept",
            resolve="Upload the artifact and register a version of it.",
        )
    return version


def _dataset(command: RequestRun, plan: Plan) -> str:
    fixed, asked = plan.document["dataset"]["sha256"], command.dataset_sha256
    if fixed and asked and fixed != asked:
        raise Conflict(
            f"The plan for {plan.environment} fixes the data set {fixed}.",
            code="dataset_fixed_by_plan",
            resolve="Leave `dataset_sha256` out, or publish a plan with another data set.",
        )
    chosen = fixed or asked
    if chosen is None:
        raise Invalid(
            f"The plan for {plan.environment} leaves the data set open, so the request must name one.",
            code="dataset_missing",
            resolve="Upload the data set to the registry and give its digest as `dataset_sha256`.",
        )
    return str(chosen)
