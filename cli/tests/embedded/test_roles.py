from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from placet.embedded import SOURCES, Cluster, create_database
from placet.embedded.roles import DATABASE, login_role

pytestmark = pytest.mark.postgres

StartCluster = Callable[[Path], Awaitable[Cluster]]
PASSWORDS = {source: f"password of {source}" for source in SOURCES}


@pytest.fixture
async def cluster(open_folder: Path, start_cluster: StartCluster) -> Cluster:
    """A cluster with Placet's database in it; made twice, as every start does it again."""
    cluster = await start_cluster(open_folder / "data")
    for _ in range(2):
        await create_database(cluster.url("postgres"), cluster.url(DATABASE), PASSWORDS)
    return cluster


async def test_each_source_has_a_schema_that_its_owner_can_fill_and_its_login_can_only_use(cluster: Cluster) -> None:
    superuser = await asyncpg.connect(cluster.url(DATABASE))
    for source in SOURCES:
        await superuser.execute(f"SET ROLE placet_{source}_owner")
        await superuser.execute(f"CREATE TABLE {source}.events (position bigint)")
        await superuser.execute(f"GRANT SELECT ON {source}.events TO {login_role(source)}")
        await superuser.execute("RESET ROLE")
        login = await asyncpg.connect(cluster.url(DATABASE, login_role(source), PASSWORDS[source]))
        assert await login.fetch(f"SELECT * FROM {source}.events") == []
        for forbidden in (
            f"CREATE TABLE {source}.mine (position bigint)",
            "CREATE TABLE public.mine (position bigint)",
            "CREATE TEMPORARY TABLE mine (position bigint)",
            "CREATE SCHEMA mine",
            f"DROP TABLE {source}.events",
            f"SET ROLE placet_{source}_owner",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await login.execute(forbidden)
        await login.close()
    await superuser.close()


async def test_nobody_gets_where_they_do_not_belong(cluster: Cluster) -> None:
    login = await asyncpg.connect(cluster.url(DATABASE, login_role("registry"), PASSWORDS["registry"]))
    for other in ("approval", "verification", "audit", "public"):
        assert not await login.fetchval("SELECT has_schema_privilege($1, 'USAGE')", other)
    await login.close()
    with pytest.raises((asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError)):
        await asyncpg.connect(cluster.url(DATABASE, "placet_registry_owner", "anything"))
    await create_database(cluster.url("postgres"), cluster.url(DATABASE), {**PASSWORDS, "audit": "it's new"})
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(cluster.url(DATABASE, login_role("audit"), PASSWORDS["audit"]))
