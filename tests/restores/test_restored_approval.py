"""approval-service alone goes back to a copy of its database, in a whole installation: nothing that was revoked since comes back."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from placet_client import Registration
from placet_shared.testing import eventually_blocking

pytestmark = pytest.mark.postgres

ENVIRONMENT = "test"
TABLES = "select relname from pg_class where relnamespace = 'approval'::regnamespace and relkind = 'r' order by 1"
MARKS = """
    select 'registry' as of, event_id from registry.marks where source = 'approval'
    union all select 'verification', event_id from verification.marks where source = 'approval'
    union all select 'audit', event_id from audit.marks where source = 'approval'
"""
HEAD = "select id from approval.events order by position desc limit 1"
LOGGED = "select position, event_id from audit.entries where source = 'approval' order by index"


class Database:
    """The superuser's view of all four stores."""

    def __init__(self, url: str) -> None:
        self._url = url

    def fetch(self, *statements: str) -> list[asyncpg.Record]:
        """Rows of the last one; all in one transaction."""
        return asyncio.run(self._fetch(statements))

    async def _fetch(self, statements: tuple[str, ...]) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self._url)
        try:
            async with connection.transaction():
                rows: list[asyncpg.Record] = []
                for statement in statements:
                    rows = await connection.fetch(statement)
                return rows
        finally:
            await connection.close()

    def keep(self) -> None:
        """A copy of approval-service's tables."""
        copies = [f'create table kept."{row["relname"]}" as select * from approval."{row["relname"]}"' for row in self.fetch(TABLES)]
        self.fetch("create schema kept", *copies)

    def put_back(self) -> None:
        """As a copied data folder comes back: the same identifier and timeline, another start of the server."""
        names = [row["relname"] for row in self.fetch(TABLES)]
        emptied = [f'delete from approval."{name}"' for name in names]
        filled = [f'insert into approval."{name}" overriding system value select * from kept."{name}"' for name in names]
        self.fetch(
            "set local session_replication_role = replica", *emptied, *filled, "update approval.store set started_at = 'of the copy'"
        )

    def all_have_the_head(self) -> bool:
        [head] = self.fetch(HEAD)
        return {row["event_id"] for row in self.fetch(MARKS)} == {head["id"]}


def reasons(answer: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in answer["reasons"]]


def test_nothing_that_was_revoked_comes_back_with_a_copy(fresh_installation: Any, tmp_path: Path) -> None:
    placet = fresh_installation
    database = Database(placet.surroundings.embedded["approval"].migration)
    artifact = tmp_path / "model.bin"
    artifact.write_bytes(b"weights")
    with placet.client("alice") as alice, placet.client("bob") as bob, placet.client("dora") as dora:
        version = alice.registry.register(Registration("fraud", artifact, "other", lineage={"trained_by": ["alice"]})).version
        sign_off = alice.approval.request_sign_off(version.id, ENVIRONMENT, "It is better.").id
        bob.approval.act(sign_off, "approve", {"rationale": "I have looked."})
        spare = dora.approval.issue_token("alice", None)
        gate = {"environment": ENVIRONMENT, "digest": version.artifact.sha256}
        token = {"Authorization": f"Bearer {placet.token('ci')}"}

        def asks() -> dict[str, Any]:
            answer = httpx.get(f"{placet.addresses.approval}/v1/gate", params=gate, headers=token, trust_env=False, timeout=30)
            found: dict[str, Any] = answer.raise_for_status().json()
            return found

        def works(service: str) -> bool:
            headers = {"Authorization": f"Bearer {spare.token}"}
            address = getattr(placet.addresses, service)
            answer = httpx.get(f"{address}/v1/feed/head", headers=headers, trust_env=False, timeout=30)
            assert answer.status_code in (200, 401)
            return answer.status_code == 200

        assert eventually_blocking(lambda: (answer := asks())["decided"] and answer)["allowed"]
        assert works("registry")
        database.keep()
        bob.approval.act(sign_off, "revoke", {"rationale": "It was found to leak."})
        dora.approval.revoke_token(spare.token_id, "Its laptop was lost.")
        eventually_blocking(database.all_have_the_head)
        lost = database.fetch("select id, position from approval.events order by position")

        placet.kill("approval")
        database.put_back()
        placet.start("approval")
        placet.wait_until_ready("approval")
        answer = asks()
        assert (answer["allowed"], answer["decided"]) == (False, False), "the copy says that it is approved"
        eventually_blocking(lambda: "history_lost" in reasons(asks()))

        def listed() -> bool:
            shown = placet.placet("dora", "restore", "show")
            assert shown.returncode == 0, shown.stderr
            return "SignOffRevoked" in shown.stdout

        eventually_blocking(listed)
        assert reasons(asks()) == ["history_lost"]
        for service in ("approval", "registry", "verification", "audit"):
            assert not works(service), f"the token is valid again at {service}"

        applied = placet.placet("dora", "restore", "apply", "--reason", "It was a drill.")
        assert (applied.returncode, applied.stderr) == (0, "")
        answer = eventually_blocking(lambda: (one := asks())["decided"] and one)
        assert (answer["allowed"], reasons(answer)) == (False, ["revoked"])
        for service in ("approval", "registry", "verification", "audit"):
            assert not works(service), f"the token is valid again at {service}"

        eventually_blocking(database.all_have_the_head)
        told = database.fetch("select id, position from approval.events order by position")
        logged = [row["event_id"] for row in database.fetch(LOGGED)]
        kept = [row["id"] for row in lost if row in told]
        assert logged == [row["id"] for row in (*lost, *told[len(kept) :])], "both branches, each once"
