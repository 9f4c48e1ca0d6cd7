"""Which models a search finds, in steps that hardly grow with the number of models.

Models come in the order of their names. Where many fit, those that do are soon met on the way along the names; where few fit, an index
on what was asked for knows them all. So first the few are looked for, of one condition after the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import asyncpg
import orjson

from placet_registry.queries.name_parts import FEW, NAME_HAS, NAMED
from placet_shared.postgres.led_pages import Arguments

__all__ = ["ModelSearch", "Selected", "models_page"]

OF_ARTIFACT = "select model_id from versions where sha256 = $1 limit $2"
# A range of one value: it leaves the planner only the index that has the order asked for.
DEPLOYED_IN = """
    select model_id from deployments where ended_at is null and environment >= $1 and environment <= $1
    order by environment, model_id limit $2
"""
# A model with many versions of a format is one model: where the first versions are of few models, the next model is looked up each time.
OF_FORMAT = """
    select distinct model_id from (
        select model_id from versions where format >= $1 and format <= $1 order by format, model_id, position limit $2
    ) v
"""
MODEL_BY_MODEL = """
    with recursive found (model_id, place) as (
        (select model_id, 1 from versions where format = $1 order by format, model_id limit 1)
        union all
        select (select v.model_id from versions v where v.format = $1 and v.model_id > f.model_id order by v.format, v.model_id limit 1),
               f.place + 1
        from found f where f.model_id is not null and f.place < $2
    )
    select model_id from found where model_id is not null
"""
WITH_PART = f"select model_id from models where {NAMED.format(part='$1')} limit $2"
BY_CONDITION = {"sha256": OF_ARTIFACT, "environment": DEPLOYED_IN, "format": OF_FORMAT, "name": WITH_PART}
HAS_VERSION = "exists (select from versions v where v.model_id = {models}.model_id{conditions})"
IS_DEPLOYED = """
    exists (select from deployments d where d.model_id = {models}.model_id and d.environment = {environment} and d.ended_at is null)
"""


@dataclass(frozen=True, slots=True)
class ModelSearch:
    """Filters; None does not restrict.

    `name` is a part of the name in any letter case; `tags` have these values, `tag_keys` any value; a version has `sha256` and
    `format`; `environment` is one where a version is deployed now.
    """

    name: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    tag_keys: Sequence[str] = ()
    sha256: str | None = None
    format: str | None = None
    environment: str | None = None


@dataclass(frozen=True, slots=True)
class _Few:
    """Models that include all that fit, and what of the search is still to be checked of them."""

    models: Sequence[str]
    unsettled: ModelSearch


@dataclass(frozen=True, slots=True)
class Selected:
    """A statement for rows of `models`, and its arguments."""

    sql: str
    args: Sequence[Any]


async def models_page(connection: asyncpg.Pool, search: ModelSearch, after: str | None, limit: int) -> Selected:
    """Up to `limit` models by name, from the one after `after` on."""
    args = Arguments()
    found = await _few(connection, search)
    few, models = "", "models"
    if found is not None:
        few = f"with few as materialized (select * from models where model_id = any ({args.add(found.models)}::text[])) "
        models = "few"
        search = found.unsettled
    conditions = [*_conditions(search, models, args), *([f"name > {args.add(after)}"] if after is not None else [])]
    where = f"where {' and '.join(conditions)}" if conditions else ""
    return Selected(f"{few}select * from {models} {where} order by name limit {limit:d}", args)


def _conditions(search: ModelSearch, models: str, args: Arguments) -> list[str]:
    conditions = []
    if search.name:
        conditions.append(NAME_HAS.format(part=f"{args.add(search.name)}::text"))
    if search.tags:
        conditions.append(f"tags @> {args.add(orjson.dumps(dict(search.tags)).decode())}::jsonb")
    if search.tag_keys:
        conditions.append(f"tags ?& {args.add(list(search.tag_keys))}::text[]")
    facts = {"sha256": search.sha256, "format": search.format}
    of_version = [f" and v.{column} = {args.add(value)}" for column, value in facts.items() if value is not None]
    if of_version:
        conditions.append(HAS_VERSION.format(models=models, conditions="".join(of_version)))
    if search.environment is not None:
        conditions.append(IS_DEPLOYED.format(models=models, environment=args.add(search.environment)))
    return conditions


async def _few(connection: asyncpg.Pool, search: ModelSearch) -> _Few | None:
    """Of the first condition that fits few models."""
    for name, sql in BY_CONDITION.items():
        value = getattr(search, name)
        if not value:
            continue
        found = await connection.fetch(sql, value, FEW + 1)
        if name == "format" and len(found) <= FEW // 2:
            found = await connection.fetch(MODEL_BY_MODEL, value, FEW + 1)
        if len(found) <= FEW:
            return _Few([row["model_id"] for row in found], _without(search, name))
    return None


def _without(search: ModelSearch, name: str) -> ModelSearch:
    """Without a condition that all models fulfil which were found by it."""
    if name == "environment":
        return replace(search, environment=None)
    if name in ("sha256", "format") and not (search.sha256 and search.format):  # of the same version
        return replace(search, sha256=None, format=None)
    return search  # more than its parts of three characters are a name's part
