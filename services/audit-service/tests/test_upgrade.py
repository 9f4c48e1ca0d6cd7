"""A migration of the views finds the generation that serves, and fills what is new from what there is."""

import pytest

from placet_audit.bootstrap import MIGRATIONS
from placet_audit.projections import SPANS
from placet_audit.projections.deployments import PLACES
from placet_audit.projections.policies import POLICIES
from placet_audit.projections.projector import Projector
from placet_audit.projections.rebuilding import LogReplay
from placet_audit.projections.timeline import TIMELINE
from placet_shared.postgres import Migrations, migrate
from placet_shared.postgres.connections import open_pool
from placet_shared.rebuilding import rebuild
from placet_shared.testing import prepare_schema, service_role

from .conftest import SCHEMA, Site
from .test_rebuild import Log, story

pytestmark = pytest.mark.postgres

INDEXES = "select indexdef from pg_indexes where schemaname = 'audit' and tablename = any ($1)"


@pytest.fixture(scope="session")
def prepare_database() -> None:
    """The tests migrate an empty database themselves."""


def before(name: str) -> Migrations:
    """All that came before this migration of the service."""
    migrations = Migrations()
    names = [one.name for one in MIGRATIONS.all if one.package == "placet_audit"]
    later = names[names.index(name) :]
    migrations.all = [one for one in MIGRATIONS.all if one.package != "placet_audit" or one.name not in later]
    return migrations


async def test_rebuilt_views_get_the_indexes_and_places_of_a_later_release(database: str) -> None:
    site = Site(database, SCHEMA)
    await prepare_schema(database, SCHEMA, before("0005_indexes_by_use.sql"))
    former = [view for view in SPANS if view not in (PLACES, POLICIES)]
    pool = await open_pool(site.url, SCHEMA)
    log = Log(site, pool)
    await log.append(story(200))
    await log.project(Projector(pool, (*former, TIMELINE)))
    await rebuild(site.superuser_url, SCHEMA, LogReplay(former, TIMELINE), lambda done, of: None)
    await migrate(database, SCHEMA, MIGRATIONS, service_role=service_role(SCHEMA))
    found = [row["indexdef"] for row in await site.fetch(INDEXES, ["timeline_rows_g2", "deployment_spans_g2"])]
    assert sum("(correlation, index)" in index for index in found) == 1
    assert not any(index.endswith("(correlation)") for index in found)
    assert sum("(environment, model_id) WHERE (to_index IS NULL)" in index for index in found) == 1
    places, policies = await places_of(log), (await log.rows())["policy_versions"]
    assert places
    assert policies
    await log.rebuild()
    assert (await places_of(log), (await log.rows())["policy_versions"]) == (places, policies)
    await pool.close()


async def places_of(log: Log) -> set[str]:
    """Without the index: a deployment that is reported twice, at two places, has one row, from which the migration knows one place."""
    return {row.rpartition(",")[0] for row in (await log.rows())["deployment_places"]}
