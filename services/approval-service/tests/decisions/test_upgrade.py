"""A database of the first release becomes one of this release, and nothing that stood in it becomes a yes by that."""

import pytest

from placet_approval.bootstrap import MIGRATIONS
from placet_shared.identifiers import new_id
from placet_shared.postgres import Migrations, connect, migrate
from placet_shared.testing import service_role

from ..conftest import SCHEMA, Site, serving

pytestmark = pytest.mark.postgres

ROW = """
    insert into sign_offs (sign_off_id, model_id, version_id, environment, state, artifact_sha256, run_id, result_sha256, policy,
                           signatures, excluded, requester_id, invalidated, requested_at, changed_at, stream_version)
    values ($1, 'm', $2, 'prod', $3, $4, 'run-1', $5, '{"id": "p", "version": 1}',
            '[]', '[{"person_id": "alice", "because": ["requester"]}]', 'alice', $6, now() - interval '1 hour', now(), 3)
"""
ACT = """
    insert into sign_off_acts (sign_off_id, stream_version, act, actor_id, token_issuers, acted_at) values ($1, 3, $2, 'bob', '{}', now())
"""


def first_release() -> Migrations:
    migrations = Migrations("placet_shared.event_store", "placet_shared.bus", "placet_approval")
    migrations.all = [one for one in migrations.all if (one.package, one.name) < ("placet_approval", "0004") or "shared" in one.package]
    return migrations


@pytest.fixture
async def old_site(site: Site) -> Site:
    """The same place, as the first release left it."""
    connection = await connect(site.superuser_url, SCHEMA)
    await connection.execute(f'drop schema "{SCHEMA}" cascade')
    await connection.close()
    await migrate(site.superuser_url, SCHEMA, first_release(), service_role=service_role(SCHEMA))
    return site


async def test_rows_of_the_first_release_are_read_as_today(old_site: Site) -> None:
    rejected, invalidated = new_id(), new_id()
    changed = '{"field": "result_sha256", "old": "%s", "new": null}' % ("b" * 64)
    await old_site.fetch(ROW, rejected, "version-1", "rejected", "a" * 64, "b" * 64, None)
    await old_site.fetch(ROW, invalidated, "version-2", "invalidated", "a" * 64, "b" * 64, changed)
    await old_site.fetch(ACT, rejected, "rejected")
    await migrate(old_site.superuser_url, SCHEMA, MIGRATIONS, service_role=service_role(SCHEMA))
    async with serving(old_site) as service:
        seen = (await service.dora.get(f"/v1/sign-offs/{invalidated}")).json()
    [bound] = seen["binds"]["evidence"]
    assert (bound["plan"], bound["run_id"], bound["result_sha256"]) == (None, "run-1", "b" * 64)
    assert (seen["invalidated"]["field"], seen["invalidated"]["old"]["result_sha256"]) == ("evidence", "b" * 64)
    [no] = seen["noes"]
    assert (no["sign_off_id"], no["kind"], no["by"]["id"], no["answered"]) == (rejected, "rejected", "bob", False)


async def test_what_other_services_told_is_read_anew_and_the_gate_waits_for_it(old_site: Site) -> None:
    mark = "insert into marks (source, epoch, position, event_id) values ('registry', 1, 7, $1), ('verification', 1, 3, $1)"
    await old_site.fetch(mark, new_id())
    await migrate(old_site.superuser_url, SCHEMA, MIGRATIONS, service_role=service_role(SCHEMA))
    rows = await old_site.fetch("select source, position, rebuild_until from marks order by source")
    assert [tuple(row) for row in rows] == [("registry", 0, 7), ("verification", 0, 3)]


async def test_upgrade_finds_the_tables_that_serve_after_a_rebuild(old_site: Site) -> None:
    await old_site.fetch("alter table sign_offs_g1 rename to sign_offs_g4")
    await old_site.fetch(ROW, new_id(), "version-1", "pending", "a" * 64, "b" * 64, None)
    await migrate(old_site.superuser_url, SCHEMA, MIGRATIONS, service_role=service_role(SCHEMA))
    [row] = await old_site.fetch("select evidence from sign_offs")
    assert "run-1" in row["evidence"]
