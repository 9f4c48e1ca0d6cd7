"""The rows that benchmarks write by SQL fit the tables of today; the benchmarks themselves run with the slow tests only."""

import pytest
from bench.approval_scale import APPROVAL
from bench.audit_scale import AUDIT
from bench.database import Database
from bench.endpoints import Filled, ask_all
from bench.registry_scale import REGISTRY
from bench.sign_offs import fill
from bench.verification_scale import VERIFICATION

from placet_shared.testing.databases import as_role, create_role

pytestmark = pytest.mark.postgres
ROLE = "placet_bench"
ROWS = 1000


@pytest.fixture
async def fresh_database(database: str) -> Database:
    """Empty, with the role that a benchmark's service logs in as."""
    await create_role(database, ROLE)
    return Database(database, as_role(database, ROLE), ROLE)


@pytest.mark.parametrize("filled", [AUDIT, REGISTRY, VERIFICATION, APPROVAL], ids=lambda filled: filled.service)
async def test_rows_of_a_service_can_be_asked_for(filled: Filled, fresh_database: Database) -> None:
    asked = await ask_all(filled, fresh_database, ROWS, times=4)
    assert len(asked) == len(filled.endpoints) > 0


async def test_sign_offs_are_copies_of_a_real_one(fresh_database: Database) -> None:
    installation = await fill(fresh_database, 20, 2)
    assert len(installation.pending) == 2
