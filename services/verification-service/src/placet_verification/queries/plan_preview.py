"""What a plan would change: the version in force beside it, and the models that it would be for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from placet_shared.model_selectors import ModelSelector
from placet_verification.domain.canonical import digest
from placet_verification.domain.plans import refuse_other_team
from placet_verification.ports import Registry
from placet_verification.queries.plans import PlanView, plan_version

__all__ = ["Concerned", "PlanPreview", "preview_plan"]

SHOWN = 50
LOOKED_AT = 10_000


@dataclass(frozen=True, slots=True)
class Concerned:
    """A model that the plan is for, by which entry of its `for`; `latest_number` is that of its newest version, 0 without one."""

    id: str
    name: str
    latest_number: int
    because: str


@dataclass(frozen=True, slots=True)
class PlanPreview:
    """`document` is the plan in its full form. `models` are the first 50 of `models_in_all`; `complete` is false when the registry has
    more models than were looked at."""

    name: str
    environments: Sequence[str]
    takes_effect: str
    sha256: str
    changed: bool
    document: Mapping[str, Any]
    current: PlanView | None
    models: Sequence[Concerned]
    models_in_all: int
    complete: bool


async def preview_plan(pool: asyncpg.Pool, registry: Registry, document: Mapping[str, Any]) -> PlanPreview:
    """For a document that could be published else; raises `Conflict` for a plan of another team, `Unavailable`."""
    current = await plan_version(pool, document["name"], None, document["environments"])
    if current is not None:
        refuse_other_team(current.document, document)
    selector = ModelSelector.from_document(document["for"])
    fitting: list[Concerned] = []
    looked_at = 0
    async for model in registry.models():
        looked_at += 1
        if looked_at > LOOKED_AT:
            break
        if because := selector.fitting_entry(model.selectable):
            fitting.append(Concerned(model.selectable.model_id, model.selectable.name, model.latest_number, because))
    return PlanPreview(
        name=document["name"],
        environments=document["environments"],
        takes_effect=document["takes_effect"],
        sha256=digest(document),
        changed=current is None or not current.in_force or current.sha256 != digest(document),
        document=document,
        current=current,
        models=fitting[:SHOWN],
        models_in_all=len(fitting),
        complete=looked_at <= LOOKED_AT,
    )
