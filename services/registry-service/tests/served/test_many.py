"""Searches among more models than are looked up one by one: each finds what a search through all rows finds, page by page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, get_args

import asyncpg
import pytest

from placet_registry.domain.lineage import DataRole
from placet_registry.queries.datasets import DataSetSearch, search_datasets
from placet_registry.queries.deployments import DeploymentSearch, DeploymentState, search_deployments
from placet_registry.queries.models import search_models
from placet_registry.queries.selecting_models import ModelSearch
from placet_registry.queries.versions import VersionSearch, search_versions

pytestmark = pytest.mark.postgres

FEW = 100
"""In place of a thousand, so that a tenth of the rows is more than that."""
NUMBER = 2 * FEW + 50
PAGE = 90
# Of the even models each has one version, which is deployed; the first one has all the others, the last of which is.
ROWS = f"""
    insert into models
    select 'model-' || n, 'name ' || md5(n::text), null, null, jsonb_build_object('team', n % 3), 1, 1, 'person', now(), now(), n
    from generate_series(1, {NUMBER}) n;
    insert into versions
    select 'version-' || n, case n % 2 when 0 then 'model-' || n else 'model-1' end, n, repeat(to_char(n % 90, 'fm0000'), 16), 1, null,
           case when n % 50 = 0 then 'rare' when n % 2 = 0 then 'onnx' else 'sklearn' end, null, '{{}}', 'person', now(), n
    from generate_series(1, {NUMBER}) n;
    insert into deployments
    select 'deployment-' || position, case number % 20 when 0 then 'test' else 'prod' end, model_id, version_id, sha256, null, 1, 'person',
           now(), ended_at, case when ended_at is not null then 'person' end, case when ended_at is not null then 'replaced' end,
           null, null, null, position
    from versions, lateral (select case when number % 2 = 1 and number < {NUMBER - 1} then now() end as ended_at) e;
    insert into datasets
    select 'dataset-' || n, 'name-' || md5(n::text), number, repeat(to_char(n % 90, 'fm0000'), 16), 1, 'csv', null, null, null, null,
           case when n % 50 = 0 then 'reference' when (n + number) % 2 = 0 then 'train' else 'test' end, 'person', 'person', now(),
           number = 1
    from generate_series(1, {NUMBER}) n, generate_series(1, 2) number;
    analyze;
"""

NEWEST_DATASETS = "datasets where not superseded order by name"


@dataclass
class Many:
    """All rows, as they were inserted."""

    pool: asyncpg.Pool
    models: Sequence[asyncpg.Record]
    versions: Sequence[asyncpg.Record]
    deployments: Sequence[asyncpg.Record]
    datasets: Sequence[asyncpg.Record]


@pytest.fixture
async def many(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Many]:
    for module in ("datasets", "selecting_models", "versions"):
        monkeypatch.setattr(f"placet_registry.queries.{module}.FEW", FEW)
    async with asyncpg.create_pool(database, server_settings={"search_path": "registry"}, min_size=1, max_size=2) as pool:
        await pool.execute(ROWS)
        ordered = [*(f"{table} order by position" for table in ("models", "versions", "deployments")), NEWEST_DATASETS]
        yield Many(pool, *[await pool.fetch(f"select * from {rows}") for rows in ordered])


async def all_pages(page: Callable[[Any], Awaitable[Sequence[tuple[Any, str]]]]) -> list[str]:
    """The ids of all rows, in pages; a row is its key and its id."""
    found: list[tuple[Any, str]] = []
    while rows := await page(found[-1][0] if found else None):
        found += rows
    return [row_id for _, row_id in found]


async def test_a_search_for_models_finds_those_that_a_search_through_all_finds(many: Many) -> None:
    deployed = {(row["environment"], row["model_id"]) for row in many.deployments if row["ended_at"] is None}
    facts = {(row["model_id"], sha256, form) for row in many.versions for sha256 in (None, row["sha256"]) for form in (None, row["format"])}
    digest = many.versions[10]["sha256"]

    def fits(model: asyncpg.Record, search: ModelSearch) -> bool:
        return (
            (search.name or "").lower() in model["name"]
            and (search.environment is None or (search.environment, model["model_id"]) in deployed)
            and (not (search.sha256 or search.format) or (model["model_id"], search.sha256, search.format) in facts)
        )

    names = (None, "NAME", "ab", "0a1")
    searches = [
        ModelSearch(name, {}, (), sha256, form, environment)
        for name, sha256, form, environment in product(
            names, (None, digest), (None, "onnx", "rare", "sklearn", "none"), (None, "prod", "test")
        )
    ]
    for search in searches:

        async def page(after: str | None, search: ModelSearch = search) -> list[tuple[str, str]]:
            return [(row.name, row.id) for row in await search_models(many.pool, search, after, PAGE)]

        expected = sorted((model for model in many.models if fits(model, search)), key=lambda model: str(model["name"]))
        assert await all_pages(page) == [model["model_id"] for model in expected], search


async def test_a_search_for_versions_finds_those_that_a_search_through_all_finds(many: Many) -> None:
    deployed = {(row["environment"], row["version_id"]) for row in many.deployments if row["ended_at"] is None}
    models, digests = (None, "model-1", "model-50"), (None, many.versions[10]["sha256"])
    for model, digest, form, environment in product(models, digests, (None, "onnx", "rare", "none"), (None, "prod", "test", "nowhere")):
        search = VersionSearch(model, digest, form, environment)

        async def page(before: int | None, search: VersionSearch = search) -> list[tuple[int, str]]:
            return [(position, row.id) for position, row in await search_versions(many.pool, search, before, PAGE)]

        expected = [
            row["version_id"]
            for row in reversed(many.versions)
            if model in (None, row["model_id"])
            and digest in (None, row["sha256"])
            and form in (None, row["format"])
            and (environment is None or (environment, row["version_id"]) in deployed)
        ]
        assert await all_pages(page) == expected, search


async def test_a_search_for_deployments_finds_those_that_a_search_through_all_finds(many: Many) -> None:
    models, digests, states = (None, "model-1", "model-50"), (None, many.versions[10]["sha256"]), get_args(DeploymentState)
    for environment, model, digest, state in product((None, "prod", "test", "none"), models, digests, states):
        search = DeploymentSearch(environment, model, digest, state)

        async def page(before: int | None, search: DeploymentSearch = search) -> list[tuple[int, str]]:
            return [(position, row.id) for position, row in await search_deployments(many.pool, search, before, PAGE)]

        expected = [
            row["deployment_id"]
            for row in reversed(many.deployments)
            if environment in (None, row["environment"])
            and model in (None, row["model_id"])
            and digest in (None, row["sha256"])
            and (state == "all" or (row["ended_at"] is None) == (state == "current"))
        ]
        assert await all_pages(page) == expected, search


async def test_a_search_for_data_sets_finds_those_that_a_search_through_all_finds(many: Many) -> None:
    for name, role in product((None, "NAME", "ab", "0a1", "zz"), (None, *get_args(DataRole))):
        search = DataSetSearch(name, role)

        async def page(after: str | None, search: DataSetSearch = search) -> list[tuple[str, str]]:
            return [(row.name, row.dataset_id) for row in await search_datasets(many.pool, search, after, PAGE)]

        expected = [row["dataset_id"] for row in many.datasets if (name or "").lower() in row["name"] and role in (None, row["role"])]
        assert await all_pages(page) == expected, search
