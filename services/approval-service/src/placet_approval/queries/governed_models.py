"""The models that a draft policy would be in force for, were it defined beside the policies that are."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import asyncpg
import orjson

from placet_approval.domain.policies_in_force import GovernedModel, KnownPolicy, PoliciesInForce
from placet_approval.domain.written_policy import DefinedVersion, WrittenPolicy
from placet_shared.model_selectors import SelectableModel

__all__ = ["governed_models"]

MODELS = "select model_id, name, tags from known_models"
DRAFT = "draft"


async def governed_models(pool: asyncpg.Pool, draft: WrittenPolicy, policies: PoliciesInForce, now: datetime) -> frozenset[str] | None:
    """Their ids, by the tags of today; None where it would govern every model."""
    others = {key: one for key, one in policies.policies.items() if one.versions[-1].written.name != draft.name}
    alone = draft.name is None and all(one.withdrawn or one.versions[-1].written.is_floor for one in others.values())
    if alone or (draft.is_floor and draft.selector.every_model):
        return None
    rows = await pool.fetch(MODELS)
    return await asyncio.to_thread(_among, rows, PoliciesInForce({**others, DRAFT: _known(draft, now)}))


def _known(draft: WrittenPolicy, now: datetime) -> KnownPolicy:
    return KnownPolicy([DefinedVersion(DRAFT, 1, draft.sha256(), draft, now)])


def _among(rows: Sequence[asyncpg.Record], policies: PoliciesInForce) -> frozenset[str]:
    models = (SelectableModel(row["model_id"], row["name"], orjson.loads(row["tags"])) for row in rows)
    return frozenset(model.model_id for model in models if _governs(policies, model))


def _governs(policies: PoliciesInForce, model: SelectableModel) -> bool:
    """As the most specific, as one of several that are as specific, or as a floor."""
    selection = policies.selection(GovernedModel(model))
    return selection is not None and any(one.version.policy_id == DRAFT for one in (selection.main, *selection.raising))
