"""`audit.timeline` for people with psql: what the documents say of it is so, and its reader sees nothing else."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from placet_shared.testing import as_role

from .conftest import Audit, Site
from .story import MODEL, deployed, granted, refused, registered, version

pytestmark = pytest.mark.postgres

SERVICE = Path(__file__).resolve().parents[1]
GUIDE = (SERVICE.parents[1] / "docs/audit.md").read_text()
QUERIES = re.findall(r"^```sql\n(select .*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
NEW_LOGIN = """
    do $$ begin
        if not exists (select from pg_roles where rolname = 'placet_test_sre') then
            create role placet_test_sre login password 'secret';
        end if;
    end $$;
    grant placet_audit_reader to placet_test_sre;
"""
COLUMNS = """
    select a.attname as name, col_description(a.attrelid, a.attnum) as meaning from pg_attribute a
    where a.attrelid = 'audit.timeline'::regclass and a.attnum > 0 order by a.attnum
"""
FORBIDDEN = [
    "select * from audit.entries",
    "select * from audit.entries_0",
    "select * from audit.timeline_rows",
    "select * from audit.events",
    "select * from audit.texts",
    "select * from audit.source_texts",
    "select * from audit.marks",
    "select * from audit.known_models",
    "select * from audit.deployment_spans",
    "select * from registry.events",
    "update audit.timeline set actor = 'x'",
    "delete from audit.timeline",
    "insert into audit.timeline (index) values (1)",
    "select audit.log_lock()",
    "select audit.append_lock()",
    "create table audit.mine (a int)",
    "set role placet_audit_owner",
]


@asynccontextmanager
async def an_sre(site: Site) -> AsyncIterator[asyncpg.Connection]:
    """A person with a login of their own and the reader's role."""
    async with site.superuser() as superuser:
        await superuser.execute(NEW_LOGIN)
    connection = await asyncpg.connect(as_role(site.superuser_url, "placet_test_sre"))
    try:
        yield connection
    finally:
        await connection.close()


async def test_reader_selects_the_timeline_and_nothing_else(audit: Audit) -> None:
    await audit.happened((audit.registry, registered()), (audit.approval, refused("request_sign_off", MODEL)))
    async with an_sre(audit.site) as sre:
        rows = await sre.fetch("select * from audit.timeline order by index")
        assert [(row["type"], row["result"], row["model_name"]) for row in rows] == [
            ("ModelRegistered", "done", "churn"),
            ("ActionRefused", "refused", "churn"),
        ]
        for attempt in FORBIDDEN:
            with pytest.raises(asyncpg.PostgresError) as caught:
                await sre.execute(attempt)
            assert caught.value.sqlstate in ("42501", "55000"), attempt  # no privilege; a view of several tables takes no rows


async def test_reader_role_cannot_log_in(site: Site) -> None:
    [row] = await site.fetch("select rolcanlogin, rolsuper from pg_roles where rolname = 'placet_audit_reader'")
    assert (row["rolcanlogin"], row["rolsuper"]) == (False, False)


async def test_view_is_the_timeline_that_the_service_answers(audit: Audit) -> None:
    await audit.happened((audit.registry, registered()), (audit.registry, version(1)), (audit.registry, deployed(1)))
    lines = (await audit.get("/v1/timeline", order="oldest"))["items"]
    async with an_sre(audit.site) as sre:
        rows = await sre.fetch("select * from audit.timeline order by index")
    assert [set(line) for line in lines] == [set(row.keys()) for row in rows]
    for name in ("index", "source", "position", "type", "result", "subject", "model_name", "version_number", "environment", "actor"):
        assert [line[name] for line in lines] == [row[name] for row in rows]


async def test_columns_of_the_view_are_documented_in_the_database_and_in_the_guide(site: Site) -> None:
    columns = {row["name"]: row["meaning"] for row in await site.fetch(COLUMNS)}
    documented = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", GUIDE, re.MULTILINE))
    assert {name: meaning.replace("`", "") for name, meaning in documented.items()} == columns


async def test_queries_of_the_guide_answer_their_questions(audit: Audit) -> None:
    await audit.happened(
        (audit.registry, registered()),
        (audit.registry, version(1)),
        (audit.approval, granted(1, "bob", "reviewer")),
        (audit.approval, refused("request_sign_off", MODEL)),
        (audit.registry, deployed(1)),
    )
    assert len(QUERIES) == 3
    async with an_sre(audit.site) as sre:
        refusals, history, deployments = [await sre.fetch(query) for query in QUERIES]
    assert [(row["actor"], row["action"], row["code"], row["times"]) for row in refusals] == [
        ("mallory", "request_sign_off", "role_required", 1)
    ]
    assert [row["type"] for row in history] == [
        "ModelRegistered", "VersionRegistered", "ApprovalGranted", "ActionRefused", "DeploymentReported",
    ]  # fmt: skip
    assert [(row["model_name"], row["version_number"], row["deployed_by"]) for row in deployments] == [("churn", 1, "ci")]
