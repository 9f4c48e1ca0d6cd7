"""The read model built anew from the events is the one that was written with them."""

import asyncpg
import pytest

from placet_approval.bootstrap import EVENT_REGISTRY
from placet_approval.projections import PARTS
from placet_shared.rebuilding import OwnEvents, rebuild

from ..conftest import SCHEMA
from .conftest import ARTIFACT, WHY, Bank

pytestmark = pytest.mark.postgres


async def rows_of(bank: Bank) -> dict[str, list[asyncpg.Record]]:
    tables = [table for part in PARTS.values() for table in part.tables]
    return {table: await bank.service.site.fetch(f"select * from {table} t order by t::text") for table in tables}


async def busy_days(bank: Bank) -> None:
    """Whatever changes rows: people and tokens come and go, sign-offs end in every way, a signature is taken back."""
    erin, ci = await bank.service.person("erin", "auditor"), bank.ci
    await bank.dora.post(f"/v1/people/{erin.id}/roles", {"roles": ["auditor", "developer"]})
    await bank.dora.post(f"/v1/people/{erin.id}/deactivate")
    await bank.dora.post(f"/v1/people/{erin.id}/erase")
    await bank.dora.post(f"/v1/service-accounts/{ci.id}/roles", {"roles": []})
    path = await bank.a_pending_sign_off()
    await bank.alice.post(f"{path}/comments", {"text": "The December data are in."})
    await bank.bob.post(f"{path}/approve", WHY)
    await bank.bob.post(f"{path}/revoke", WHY)
    await bank.alice.post(f"{path}/withdraw", WHY)
    approved = await bank.an_approved_sign_off()
    await bank.dora.post("/v1/gate", {"environment": "prod", "digest": ARTIFACT})
    await bank.carol.post(f"{approved}/revoke", WHY)
    await bank.a_pending_sign_off()
    await people_and_systems_are_told(bank)


async def people_and_systems_are_told(bank: Bank) -> None:
    """A webhook of each fate, whose types no event here has; and preferences that change."""
    addresses = ("https://93.184.215.14/", "https://93.184.215.15/")
    ids = [(await bank.dora.post("/v1/webhooks", {"url": url, "types": ["BlobStored"]})).json()["webhook_id"] for url in addresses]
    for path in (f"{ids[0]}/rotate-secret", f"{ids[0]}/disable", f"{ids[1]}/disable", f"{ids[1]}/enable"):
        assert (await bank.dora.post(f"/v1/webhooks/{path}")).status_code == 200
    for mail in ("daily", "off"):
        headers = {"Authorization": f"Bearer {bank.bob.token}"}
        assert (await bank.bob.client.put("/v1/people/me/notifications", json={"mail": mail}, headers=headers)).status_code == 200


async def test_every_part_built_anew_is_the_one_that_was(bank: Bank) -> None:
    await busy_days(bank)
    before = await rows_of(bank)
    assert {"PersonErased", "ApprovalRevoked", "CommentAdded", "SignOffWithdrawn"} <= set(await bank.service.site.event_types())
    assert all(before.values()), [table for table, rows in before.items() if not rows]
    for part in PARTS.values():
        await rebuild(bank.service.site.superuser_url, SCHEMA, OwnEvents(EVENT_REGISTRY, part), lambda done, of: None)
    assert await rows_of(bank) == before
