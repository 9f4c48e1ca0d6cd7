"""The plans in force for a version in an environment: every published plan whose environments and `for` fit, none instead of another.

Plans are for the bytes: those for a model that had a version of the same bytes before are in force too, or registering bytes under another
name would be a way out of a plan. A later copy of the bytes brings no plan with it, or it would be a way to burden another model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from placet_shared.model_selectors import ModelSelector, SelectableModel
from placet_verification.domain.upcasting import full_form
from placet_verification.ports import RegisteredVersion, Registry

__all__ = ["Fetching", "PlanInForce", "models_of", "plans_in_force"]

IN_FORCE = """
    select plan_id, name, version, sha256, document from plans p
    where $1 = any (environments) and in_force order by name
"""


class Fetching(Protocol):
    """A unit of work, or a pool."""

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        """All rows."""
        ...


@dataclass(frozen=True, slots=True)
class PlanInForce:
    """One version of a plan; `because` is the entry of its `for` by which the model is selected."""

    id: str
    name: str
    version: int
    sha256: str
    because: str
    document: Mapping[str, Any]

    def reference(self) -> dict[str, Any]:
        """As runs are bound to it."""
        return {"id": self.id, "name": self.name, "version": self.version, "sha256": self.sha256}


async def plans_in_force(connection: Fetching, environment: str, models: Sequence[SelectableModel]) -> list[PlanInForce]:
    """By name. The first of the models is the version's own, the others are those that had a version of the same bytes before."""
    found = []
    for row in await connection.fetch(IN_FORCE, environment):
        document = full_form(orjson.loads(row["document"]))
        if because := _because(ModelSelector.from_document(document["for"]), models):
            found.append(PlanInForce(row["plan_id"], row["name"], row["version"], row["sha256"], because, document))
    return found


async def models_of(version: RegisteredVersion, registry: Registry) -> list[SelectableModel]:
    """The version's model and those that had a version of the same bytes before; nothing for a version whose model is not known."""
    own = await registry.model(version.model_id)
    if own is None:
        return []
    registered = [other async for other in registry.versions_with(version.artifact_sha256)]
    earlier = {one.model_id for one in registered if (one.registered_at, one.version_id) < (version.registered_at, version.version_id)}
    others = [model.selectable async for model in registry.models(version.artifact_sha256)] if earlier - {version.model_id} else []
    return [own.selectable, *(model for model in others if model.model_id in earlier - {version.model_id})]


def _because(selector: ModelSelector, models: Sequence[SelectableModel]) -> str | None:
    for place, model in enumerate(models):
        if entry := selector.fitting_entry(model):
            return f"{entry}, by {model.name} with the same bytes" if place else entry
    return None
