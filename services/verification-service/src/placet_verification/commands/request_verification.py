"""Request the verification of a version for an environment: a run by each plan in force, all inputs fixed by digest, and their jobs.

1. The registry knows the version and has its bytes. 2. The plans in force for its model there, or the one that was asked for.
3. Each plan can be run: its checks are installed, the format is one that can be evaluated, there is one data set. 4. There is room for all
runs in the queue. 5. They and their jobs are one append.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from placet_shared.access import Roles, allowed
from placet_shared.errors import Conflict, Invalid, NotFound
from placet_shared.event_store import UnitOfWork
from placet_shared.identifiers import new_id
from placet_shared.model_selectors import SelectableModel
from placet_verification.checks import compares, missing_kinds
from placet_verification.commands.open_runs import OpenRuns, enqueue, refuse_without_room
from placet_verification.commands.plans_in_force import Fetching, PlanInForce, models_of, plans_in_force
from placet_verification.domain.formats import EVALUATED
from placet_verification.domain.runs import Run
from placet_verification.ports import RegisteredVersion, Registry

__all__ = [
    "RequestVerification",
    "RequestedRun",
    "RequestedVerification",
    "chosen_plans",
    "refuse_other_data",
    "registered_version",
    "request_run",
    "request_verification",
    "runnable_data",
]


@dataclass(frozen=True, slots=True)
class RequestVerification:
    """`model_id` only guards against a mix-up: a version belongs to one model. `plan` restricts it to the plan of this name."""

    version_id: str
    environment: str
    model_id: str | None = None
    plan: str | None = None
    dataset_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class RequestedRun:
    """The new run and what it is bound to; `dataset_sha256` are the rows that the model is tried on, if it is."""

    id: str
    model_id: str
    version_id: str
    environment: str
    plan: Mapping[str, Any]
    artifact_sha256: str
    datasets: Sequence[Mapping[str, str]]
    dataset_sha256: str | None
    champion: Mapping[str, str | None] | None
    revision: int


@dataclass(frozen=True, slots=True)
class RequestedVerification:
    """The new runs, one by each plan, in the order of the plans' names."""

    model_id: str
    version_id: str
    environment: str
    runs: Sequence[RequestedRun]


REQUESTERS = (Roles.DEVELOPER, Roles.PIPELINE, Roles.ADMIN)


@allowed(*REQUESTERS)
async def request_verification(
    command: RequestVerification, uow: UnitOfWork, registry: Registry, limits: OpenRuns
) -> RequestedVerification:
    """By every plan in force, or the named one; raises `NotFound`, `Invalid`, `Conflict`, `TooMany`, `Unavailable`."""
    version, models = await registered_version(command, registry)  # 1
    uow.about(version.model_id)
    plans = await chosen_plans(command, uow, models)  # 2
    return await _request(command, uow, registry, limits, version, plans)


@allowed(*REQUESTERS)
async def request_run(command: RequestVerification, uow: UnitOfWork, registry: Registry, limits: OpenRuns) -> RequestedRun:
    """By the one plan that is in force, or the named one; `Conflict` when there are several."""
    version, models = await registered_version(command, registry)
    uow.about(version.model_id)
    plans = await chosen_plans(command, uow, models)
    if len(plans) > 1:
        raise Conflict(
            f"{len(plans)} plans are in force for this model in {command.environment}, and a run is by one of them.",
            code="several_plans",
            resolve="Name one as `plan`, or request all runs at once with POST /v1/verifications.",
            plans=[plan.name for plan in plans],
        )
    return (await _request(command, uow, registry, limits, version, plans)).runs[0]


async def _request(
    command: RequestVerification,
    uow: UnitOfWork,
    registry: Registry,
    limits: OpenRuns,
    version: RegisteredVersion,
    plans: Sequence[PlanInForce],
) -> RequestedVerification:
    chosen = [(plan, runnable_data(plan, version, command)) for plan in plans]  # 3
    refuse_other_data(plans, command)
    champion = await _champion(registry, version, command.environment, plans)
    at = await uow.now()  # by now a repeated request has its stored answer, also when there is no room
    await refuse_without_room(uow, limits, len(chosen))  # 4
    runs = []
    for plan, datasets in chosen:  # 5
        compared = champion if compares(plan.document) else None
        run = _begin(version, plan, datasets, compared, command.environment, at)
        uow.save(run, subject=version.model_id)
        enqueue(run, uow, limits)
        runs.append(_requested(run))
    return RequestedVerification(version.model_id, version.version_id, command.environment, runs)


async def _champion(
    registry: Registry, version: RegisteredVersion, environment: str, plans: Sequence[PlanInForce]
) -> Mapping[str, str | None] | None:
    """What runs there now, for plans that compare with it; nulls when nothing does."""
    if not any(compares(plan.document) for plan in plans):
        return None
    deployed = await registry.deployed(version.model_id, environment)
    if deployed is None:
        return {"version_id": None, "artifact_sha256": None}
    return {"version_id": deployed.version_id, "artifact_sha256": deployed.artifact_sha256}


def _begin(
    version: RegisteredVersion,
    plan: PlanInForce,
    datasets: Sequence[Mapping[str, str]],
    champion: Mapping[str, str | None] | None,
    environment: str,
    at: datetime,
) -> Run:
    return Run.request(
        new_id(),
        model_id=version.model_id,
        version_id=version.version_id,
        environment=environment,
        plan=plan.reference(),
        artifact_sha256=version.artifact_sha256,
        datasets=datasets,
        champion=champion,
        at=at,
    )


def _requested(run: Run) -> RequestedRun:
    names = ("model_id", "version_id", "environment", "plan", "artifact_sha256", "datasets", "champion")
    evaluated = next((data["sha256"] for data in run.datasets if data["input"] == "evaluation"), None)
    return RequestedRun(id=run.run_id, dataset_sha256=evaluated, revision=run.version, **{name: getattr(run, name) for name in names})


async def registered_version(command: RequestVerification, registry: Registry) -> tuple[RegisteredVersion, Sequence[SelectableModel]]:
    """With the models whose plans are for its bytes; raises `NotFound`, `Invalid`, `Conflict`, `Unavailable`."""
    version = await registry.version(command.version_id)
    models = await models_of(version, registry) if version else []
    if version is None or not models:
        raise NotFound(f"The registry knows no version {command.version_id}.", code="version_not_found")
    if command.model_id not in (None, version.model_id):
        raise Invalid(
            f"Version {version.version_id} belongs to model {version.model_id}, not to {command.model_id}.",
            code="version_of_another_model",
            resolve="Leave `model_id` out, or name the version that you mean.",
        )
    if not version.kept:
        raise Conflict(
            "The registry has only a reference to the artifact, not its bytes.",
            code="artifact_not_kept",
            resolve="Upload the artifact and register a version of it.",
        )
    return version, models


async def chosen_plans(command: RequestVerification, connection: Fetching, models: Sequence[SelectableModel]) -> Sequence[PlanInForce]:
    """Those in force, or the named one of them, by name; raises `NotFound`."""
    fitting = await plans_in_force(connection, command.environment, models)
    wanted = [plan for plan in fitting if command.plan in (None, plan.name)]
    if not wanted:
        which = f"The plan {command.plan} is not" if command.plan else "No verification plan is"
        raise NotFound(
            f"{which} in force for {models[0].name} in {command.environment}.",
            code="plan_not_found",
            resolve="See `placet plans for`; an admin publishes a plan with `placet apply -f plan.yaml`.",
            in_force=[plan.name for plan in fitting],
        )
    return wanted


def runnable_data(plan: PlanInForce, version: RegisteredVersion, command: RequestVerification) -> Sequence[Mapping[str, str]]:
    """The data of a run by this plan; raises `Conflict` for a run that can't be, `Invalid` without data."""
    if missing := missing_kinds(plan.document):
        raise Conflict(
            f"The plan {plan.name} asks for checks that are not installed here: {', '.join(missing)}.",
            code="check_not_installed",
            resolve="Install the distribution that has them for verification-service and its workers.",
            checks=missing,
        )
    if plan.document["dataset"] and version.format not in EVALUATED:
        raise Conflict(
            f"The version's format is {version.format}; only {', '.join(sorted(EVALUATED))} can be evaluated here.",
            code="format_not_supported",
            resolve="Export the model as ONNX and register that.",
        )
    return _datasets(plan, command)


def _datasets(plan: PlanInForce, command: RequestVerification) -> Sequence[Mapping[str, str]]:
    parts = {"evaluation": plan.document["dataset"], "training": plan.document["training"], "reference": plan.document["reference"]}
    digests = {use: data["sha256"] for use, data in parts.items() if data}
    if _leaves_data_open(plan):
        if command.dataset_sha256 is None:
            raise Invalid(
                f"The plan {plan.name} leaves the data set open, so the request must name one.",
                code="dataset_missing",
                resolve="Upload the data set to the registry and give its digest as `dataset_sha256`.",
            )
        digests["evaluation"] = command.dataset_sha256
    return [{"input": use, "sha256": digest} for use, digest in digests.items()]


def refuse_other_data(plans: Sequence[PlanInForce], command: RequestVerification) -> None:
    """Raises `Conflict` for data that none of the plans is for."""
    fixed = [plan.name for plan in plans if not _leaves_data_open(plan)]
    if command.dataset_sha256 and len(fixed) == len(plans) and all(_other(plan, command) for plan in plans):
        raise Conflict(
            f"{' and '.join(fixed)} fix their data, none of which is {command.dataset_sha256}.",
            code="dataset_fixed_by_plan",
            resolve="Leave `dataset_sha256` out, or publish a plan with another data set.",
        )


def _leaves_data_open(plan: PlanInForce) -> bool:
    data = plan.document["dataset"]
    return data is not None and data["sha256"] is None


def _other(plan: PlanInForce, command: RequestVerification) -> bool:
    data = plan.document["dataset"]
    return data is None or data["sha256"] != command.dataset_sha256
