"""Searches among many runs: each finds what a search through all rows finds, page by page."""

from collections.abc import AsyncIterator
from itertools import product

import asyncpg
import pytest

from placet_verification.queries.runs import RunSearch, search_runs

pytestmark = pytest.mark.postgres

NUMBER = 300
PAGE = 7
# Every sixth run waits, and a worker holds one of ten of these.
ROWS = f"""
    insert into runs (run_id, model_id, version_id, environment, plan, artifact_sha256, datasets, outcome, result_sha256,
                      stream_version, requested_by, requested_at, ended_at, position)
    select 'run-' || n, 'model-' || n % 7, 'version-' || n % 21, case n % 5 when 0 then 'test' else 'prod' end, '{{}}', '00', '[]', outcome,
           case when outcome in ('passed', 'failed') then '00' end, 1, 'person', now(), case when outcome is not null then now() end, n
    from generate_series(1, {NUMBER}) n,
         lateral (select case when n % 6 > 0 then (array['passed', 'failed', 'errored'])[1 + n % 3] end as outcome) o;
    insert into jobs
    select run_id, 1, now(),
           case when position % 60 = 0 then now() + interval '1 day' when position % 36 = 0 then now() - interval '1 day' end
    from runs where outcome is null;
"""


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(database, server_settings={"search_path": "verification"}, min_size=1, max_size=2) as pool:
        await pool.execute(ROWS)
        yield pool


async def test_a_search_for_runs_finds_those_that_a_search_through_all_finds(pool: asyncpg.Pool) -> None:
    rows = await pool.fetch("select * from runs order by position desc")

    def status(row: asyncpg.Record) -> str:
        return row["outcome"] or ("running" if row["position"] % 60 == 0 else "queued")

    statuses = (None, "queued", "running", "passed", "failed", "errored")
    wanted = product((None, "model-3", "none"), (None, "version-6"), (None, "test", "prod"), statuses)
    for search in [RunSearch(*one) for one in wanted]:
        expected = [
            (row["run_id"], status(row))
            for row in rows
            if search.model_id in (None, row["model_id"])
            and search.version_id in (None, row["version_id"])
            and search.environment in (None, row["environment"])
            and search.status in (None, status(row))
        ]
        found: list[tuple[str, str]] = []
        before = None
        while page := await search_runs(pool, search, before, PAGE):
            found += [(run.id, run.status) for _, run in page]
            before = page[-1][0]
        assert found == expected, search
