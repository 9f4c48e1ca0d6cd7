"""The databases that each service gets: who may do what in them, and who gets to them at all."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from placet.embedded import Cluster, create_databases
from placet.embedded.roles import READER, create_reader_login, database_of, login_role
from placet_shared.processes import SOURCES

pytestmark = pytest.mark.postgres

StartCluster = Callable[[Path], Awaitable[Cluster]]
PASSWORDS = {source: f"password of {source}" for source in SOURCES}
APPEND_LOCK = "SELECT hashtextextended('placet append approval', 0)"


@pytest.fixture
async def cluster(open_folder: Path, start_cluster: StartCluster) -> Cluster:
    """A cluster with Placet's databases in it; made twice, as every start does it again."""
    cluster = await start_cluster(open_folder / "data")
    for _ in range(2):
        await create_databases(cluster.url, PASSWORDS)
    return cluster


async def log_in(cluster: Cluster, source: str, database: str | None = None) -> asyncpg.Connection:
    return await asyncpg.connect(cluster.url(database or database_of(source), login_role(source), PASSWORDS[source]))


async def test_each_source_has_a_schema_that_its_owner_can_fill_and_its_login_can_only_use(cluster: Cluster) -> None:
    for source in SOURCES:
        superuser = await asyncpg.connect(cluster.url(database_of(source)))
        await superuser.execute(f"SET ROLE placet_{source}_owner")
        await superuser.execute(f"CREATE TABLE {source}.events (position bigint)")
        await superuser.execute("CREATE TEMPORARY VIEW as_rebuilds_need_it AS SELECT 1")
        await superuser.execute(f"GRANT SELECT ON {source}.events TO {login_role(source)}")
        await superuser.close()
        login = await log_in(cluster, source)
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


@pytest.mark.parametrize("source", SOURCES)
async def test_a_login_gets_into_its_own_database_and_no_other(cluster: Cluster, source: str) -> None:
    others = [database_of(other) for other in SOURCES if other != source]
    for closed in (*others, "postgres", "template1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
            await log_in(cluster, source, closed)
    login = await log_in(cluster, source)
    assert [row[0] for row in await login.fetch("SELECT nspname FROM pg_namespace WHERE nspname = ANY($1)", SOURCES)] == [source]
    assert not await login.fetchval("SELECT has_schema_privilege('public', 'USAGE')")
    await login.close()


async def test_an_owner_can_not_log_in_and_a_new_password_takes_the_place_of_the_old(cluster: Cluster) -> None:
    with pytest.raises((asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError)):
        await asyncpg.connect(cluster.url(database_of("registry"), "placet_registry_owner", "anything"))
    await create_databases(cluster.url, {**PASSWORDS, "audit": "it's new"})
    with pytest.raises(asyncpg.InvalidPasswordError):
        await log_in(cluster, "audit")


async def test_a_lock_that_registry_takes_blocks_no_other_service(cluster: Cluster) -> None:
    """What approval appends under (rule 12) has a key that every service can compute; what keeps it apart is the database."""
    approval, registry = await log_in(cluster, "approval"), await log_in(cluster, "registry")
    key = await approval.fetchval(APPEND_LOCK)
    await registry.execute("SELECT pg_advisory_lock($1)", key)
    assert await approval.fetchval("SELECT pg_try_advisory_xact_lock($1)", key)
    await approval.close()
    await registry.close()


async def test_who_may_read_the_audit_log_gets_to_it(cluster: Cluster) -> None:
    superuser = await asyncpg.connect(cluster.url("postgres"))
    await superuser.execute("CREATE ROLE olga LOGIN PASSWORD 'hers'; GRANT placet_audit_reader TO olga")
    await superuser.close()
    olga = await asyncpg.connect(cluster.url(database_of("audit"), "olga", "hers"))
    await olga.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(cluster.url(database_of("approval"), "olga", "hers"))
    for _ in range(2):
        await create_reader_login(cluster.url, "it's read")
    reader = await asyncpg.connect(cluster.url(database_of("audit"), READER, "it's read"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reader.execute("SET ROLE placet_audit")
    assert await reader.fetchval("SHOW default_transaction_read_only") == "on"
    await reader.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(cluster.url(database_of("registry"), READER, "it's read"))


async def test_reader_of_the_audit_log_neither_holds_it_up_nor_fills_the_disk(cluster: Cluster) -> None:
    await create_reader_login(cluster.url, "it's read")
    reader = await asyncpg.connect(cluster.url(database_of("audit"), READER, "it's read"))
    for forbidden in (
        "SELECT pg_advisory_lock(hashtextextended('placet audit log audit', 0))",
        "SELECT pg_try_advisory_xact_lock_shared(1, 2)",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT pg_logical_emit_message(true, 'x', 'x')",
        "SET temp_file_limit = -1",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute(f"BEGIN READ WRITE; {forbidden}")
        await reader.execute("ROLLBACK")
    assert await reader.fetchval("SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user") == 8
    assert await reader.fetchval("SHOW temp_file_limit") == "1GB"
    await reader.close()
    login, superuser = await log_in(cluster, "audit"), await asyncpg.connect(cluster.url(database_of("audit")))
    assert await login.fetchval("SELECT pg_try_advisory_lock(1)")
    await superuser.execute("SET ROLE placet_audit_owner")
    assert await superuser.fetchval("SELECT pg_try_advisory_xact_lock(2)")
    await login.close()
    await superuser.close()
