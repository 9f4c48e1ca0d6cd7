"""What operators are told of sign-offs and deployments."""

from collections.abc import Mapping

import pytest

from placet_approval.queries.standing import approvals_expiring, deployments_unapproved, sign_offs_pending
from placet_shared.identifiers import new_id
from placet_shared.telemetry.meters import Attributes
from placet_shared.testing import eventually

from .conftest import ARTIFACT, WHY, Bank

pytestmark = pytest.mark.postgres

EXPORTED = {
    "placet_sign_offs_pending": 1,
    "placet_sign_offs_pending_age_seconds": 1,
    "placet_approvals_expiring": 2,
    "placet_deployments_unapproved": 3,
    "placet_directives_open": 4,
    "placet_break_glasses_open": 1,
    "placet_debts_open": 1,
}
"""Metric → its series of an environment."""


def by_environment(measured: list[tuple[float, Attributes]]) -> Mapping[object, float]:
    return {attributes["environment"]: value for value, attributes in measured}


async def unapproved(bank: Bank) -> Mapping[object, float]:
    """Cause → deployments in prod."""
    found = await deployments_unapproved(bank.store.pool)
    return {attributes["cause"]: value for value, attributes in found if value and attributes["environment"] == "prod"}


async def expiring(bank: Bank) -> set[tuple[object, object]]:
    """(environment, whether it is deployed) of those that there are."""
    found = await approvals_expiring(bank.store.pool)
    return {(attributes["environment"], attributes["deployed"]) for value, attributes in found if value}


async def deployed(bank: Bank, sha256: str = ARTIFACT) -> str:
    id = new_id()
    where = {"deployment_id": id, "environment": "prod", "model_id": bank.model_id}
    await bank.hears("registry", "DeploymentReported", {**where, "version_id": bank.version_id, "sha256": sha256, "permit_id": None})
    return id


async def expires_in(bank: Bank, hours: float) -> None:
    await bank.connection.execute("update sign_offs set expires_at = now() + make_interval(secs => $1)", hours * 3600)


async def test_standing_is_exported_with_zeros_for_what_there_is_none_of(bank: Bank) -> None:
    async def is_exported() -> bool:
        """A gauge is a query, and shows nothing yet when that takes long."""
        lines = (await bank.service.client.get("/metrics")).text.splitlines()
        return all(
            len([one for one in lines if one.startswith(f"{name}{{") and 'environment="prod"' in one]) == n for name, n in EXPORTED.items()
        )

    assert await eventually(is_exported)


async def test_sign_offs_that_wait_are_counted_by_environment_with_the_age_of_the_oldest(bank: Bank) -> None:
    pool = bank.store.pool
    assert by_environment(await sign_offs_pending(pool, "number")) == {"dev": 0, "test": 0, "prod": 0}
    await bank.a_pending_sign_off()
    await bank.connection.execute("update sign_offs set requested_at = now() - interval '2 hours'")
    assert by_environment(await sign_offs_pending(pool, "number")) == {"dev": 0, "test": 0, "prod": 1}
    ages = by_environment(await sign_offs_pending(pool, "age"))
    assert (ages["dev"], int(ages["prod"] // 3600)) == (0, 2)


async def test_deployment_without_an_approval_in_force_is_counted_by_its_cause(bank: Bank) -> None:
    assert await unapproved(bank) == {}
    deployment = await deployed(bank)
    assert await unapproved(bank) == {"none": 1}
    path = await bank.an_approved_sign_off()
    assert await unapproved(bank) == {}
    await expires_in(bank, -1)
    assert await unapproved(bank) == {"expired": 1}
    await expires_in(bank, 48)
    assert (await bank.carol.post(f"{path}/revoke", WHY)).status_code == 200
    assert await unapproved(bank) == {"ended": 1}
    ended = {"deployment_id": deployment, "environment": "prod", "model_id": bank.model_id}
    await bank.hears("registry", "DeploymentEnded", {**ended, "reason": None})
    assert await unapproved(bank) == {}


async def approval(bank: Bank, deployment: str) -> tuple[str, str] | None:
    """When it was reported, and now."""
    answer = await bank.alice.get(f"/v1/deployment-approvals?deployment_id={deployment}&deployment_id={new_id()}")
    assert answer.status_code == 200, answer.text
    return next(((one["when_reported"], one["now"]) for one in answer.json()["items"]), None)


async def test_deployment_is_unapproved_as_of_its_report_whatever_came_later(bank: Bank) -> None:
    before = await deployed(bank)
    assert await approval(bank, before) == ("unapproved", "unapproved")
    path = await bank.an_approved_sign_off()
    assert await approval(bank, before) == ("unapproved", "approved")
    while_approved = await deployed(bank)
    assert await approval(bank, before) is None, "it was replaced"
    assert await approval(bank, while_approved) == ("approved", "approved")
    assert (await bank.carol.post(f"{path}/revoke", WHY)).status_code == 200
    assert await approval(bank, while_approved) == ("approved", "unapproved")
    assert await approval(bank, await deployed(bank)) == ("unapproved", "unapproved")


async def test_deployment_where_no_signature_is_asked_for_needs_no_approval_until_one_is(bank: Bank) -> None:
    free = {"kind": "Policy", "environment": "prod", "signatures": []}
    assert (await bank.dora.post("/v1/policies", free)).status_code in (200, 201)
    deployment = await deployed(bank)
    assert await approval(bank, deployment) == ("not required", "not required")
    assert (await bank.dora.post("/v1/policies", {**free, "signatures": [{"role": "reviewer"}]})).status_code in (200, 201)
    assert await approval(bank, deployment) == ("not required", "unapproved")


async def test_approval_of_other_bytes_than_run_is_none(bank: Bank) -> None:
    await bank.an_approved_sign_off()
    await deployed(bank, "f" * 64)
    assert await unapproved(bank) == {"none": 1}


async def test_approvals_that_expire_within_a_day_are_counted_by_whether_they_are_deployed(bank: Bank) -> None:
    await bank.an_approved_sign_off()
    await expires_in(bank, 25)
    assert await expiring(bank) == set()
    await expires_in(bank, 23)
    assert await expiring(bank) == {("prod", "false")}
    await deployed(bank)
    assert await expiring(bank) == {("prod", "true")}
    await bank.connection.execute("""
        insert into sign_offs
        select (jsonb_populate_record(s, jsonb_build_object('sign_off_id', 'successor', 'expires_at', now() + interval '30 days'))).*
        from sign_offs s
    """)
    assert await expiring(bank) == set()
