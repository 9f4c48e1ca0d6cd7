"""The read model built anew from the events is the one that was written with them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from placet_approval.bootstrap import EVENT_REGISTRY
from placet_approval.projections import PARTS
from placet_shared.rebuilding import OwnEvents, rebuild

from ..conftest import SCHEMA, Caller
from .conftest import ARTIFACT, WHY, Bank
from .emergencies import REVIEW, breaks_glass, deployed, directives, on_call
from .releases import a_pair

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
    dave = await bank.service.person("dave", "developer")
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for _ in range(2):
        lent = await bank.bob.post("/v1/delegations", {"delegate": "dave", "ends_at": until, "reason": "Leave"})
    await dave.post(f"{path}/approve", WHY)
    await bank.carol.post("/v1/absences", {"ends_at": until})
    await bank.bob.post("/v1/absences", {})
    await bank.bob.post("/v1/absences/bob/clear", {})
    await bank.bob.post(f"/v1/delegations/{lent.json()['id']}/end", {"reason": "Back"})
    await bank.alice.post(f"{path}/withdraw", WHY)
    approved = await bank.an_approved_sign_off()
    await bank.dora.post("/v1/gate", {"environment": "prod", "digest": ARTIFACT})
    await bank.bob.post(f"{approved}/suspend", WHY)
    await bank.carol.post(f"{approved}/revoke", WHY)
    await releases_end(bank)
    await a_sign_off_in_rounds(bank)
    await steps_of_a_policy(bank)
    await an_emergency(bank)
    await people_and_systems_are_told(bank)
    policy = {
        "kind": "Policy",
        "environment": "test",
        "signatures": [{"role": "risk-officer"}],
        "owner": "admin",
        "takes_effect": "immediately",
    }
    await bank.dora.post("/v1/policies", policy)
    path = await bank.a_pending_sign_off("test")
    await bank.dora.post("/v1/people/bob/roles", {"roles": ["reviewer", "admin"]})
    await bank.dora.post("/v1/access-policy", {"kind": "AccessPolicy", "two_admins": True})
    change = (await bank.dora.post("/v1/people/dave/roles", {"roles": ["risk-officer"]})).json()["proposed_change"]
    await bank.dora.post(f"/v1/access-changes/{change}/withdraw")
    await bank.dora.post(f"{path}/reassign", {"absent": "carol", "to": "dave", "role": "risk-officer", "reason": "Leave"})
    await bank.dora.post("/v1/policies", {**policy, "expires_after": "120d"})
    await bank.a_pending_sign_off()


async def releases_end(bank: Bank) -> None:
    """One as a whole, one with a member after it was approved."""
    pair = await a_pair(bank)
    assert (await bank.alice.post(f"{await pair.requested()}/withdraw", WHY)).status_code == 200
    approved = await pair.approved()
    assert (await bank.carol.post(f"{await pair.sign_off(approved, pair.pricing)}/revoke", WHY)).status_code == 200


async def a_sign_off_in_rounds(bank: Bank) -> None:
    """Everything that a row keeps of feedback, issues, conditions and holds."""
    policy = {
        "kind": "Policy",
        "environment": "test",
        "signatures": [{"role": "reviewer"}],
        "feedback": [{"group": "risk", "any_of": ["risk-officer"]}],
        "waivers": {"any_of": ["reviewer"], "for_at_most": "30d"},
        "deadlines": {"remind_after": "1d", "expire_after": "3d"},
        "review_before": "1d",
    }
    assert (await bank.dora.post("/v1/policies", policy)).status_code == 201
    path = await bank.a_pending_sign_off("test")
    soon = (datetime.now(UTC) + timedelta(days=2)).isoformat()

    async def does(who: Caller, verb: str, **body: Any) -> None:
        answer = await who.post(f"{path}/{verb}", {**({} if verb == "feedback" else WHY), **body})
        assert answer.status_code == 200, answer.text

    await does(bank.carol, "feedback", group="risk", verdict="major_issue", comment="It needs 9 GB.")
    [issue] = (await bank.sees(path))["issues"]
    await does(bank.bob, "request-changes")
    await does(bank.alice, "reset")
    await does(bank.carol, "feedback", group="risk", verdict="minor_issue", comment="The name is long.")
    await does(bank.bob, f"issues/{issue['id']}/waive", until=soon)
    await does(bank.bob, "approve", conditions=[{"owner": "alice", "due_at": soon, "condition": "Show it."}])
    [condition] = (await bank.sees(path))["conditions"]
    await does(bank.bob, f"conditions/{condition['id']}/met")
    await does(bank.bob, "suspend")
    await does(bank.bob, "resume")


async def steps_of_a_policy(bank: Bank) -> None:
    """Completed, reopened, and completed again."""
    steps = [{"name": name, "completed_by": {"role": "risk-officer"}} for name in ("data-review", "validation")]
    policy = {"kind": "Policy", "environment": "dev", "signatures": [], "steps": steps}
    assert (await bank.dora.post("/v1/policies", policy)).status_code == 201
    about = {"environment": "dev", "version_id": bank.version_id}
    for verb, step in (("complete", "data-review"), ("complete", "validation"), ("reopen", "data-review"), ("complete", "data-review")):
        answer = await bank.carol.post(f"/v1/steps/{step}/{verb}", {**about, "comment" if verb == "complete" else "reason": "The sheet."})
        assert answer.status_code == 200, answer.text


async def an_emergency(bank: Bank) -> None:
    """Glass is broken and closed, reviewed, and what it let in runs without a yes until it is replaced."""
    olga = await on_call(bank)
    glass = await breaks_glass(olga)
    await bank.dora.post("/v1/gate", {"environment": "prod", "digest": ARTIFACT})
    await olga.post(f"/v1/break-glass/{glass['id']}/close")
    for reviewer in (bank.bob, bank.carol):
        assert (await reviewer.post(f"/v1/debts/{glass['debt_id']}/review", REVIEW)).status_code == 200
    await breaks_glass(olga)
    await bank.registers(2, "b" * 64)
    await deployed(bank, "b" * 64)
    await directives(bank)
    await deployed(bank, "b" * 64)
    await directives(bank)


async def people_and_systems_are_told(bank: Bank) -> None:
    """A webhook of each fate, whose types no event here has; and preferences that change."""
    addresses = ("https://93.184.215.14/", "https://93.184.215.15/")
    ids = [(await bank.dora.post("/v1/webhooks", {"url": url, "types": ["BlobStored"]})).json()["webhook_id"] for url in addresses]
    for path in (f"{ids[0]}/rotate-secret", f"{ids[0]}/disable", f"{ids[1]}/disable", f"{ids[1]}/enable"):
        assert (await bank.dora.post(f"/v1/webhooks/{path}")).status_code == 200
    for mail in ("daily", "off"):
        headers = {"Authorization": f"Bearer {bank.bob.token}"}
        assert (await bank.bob.client.put("/v1/people/me/notifications", json={"mail": mail}, headers=headers)).status_code == 200
    channels = [
        (await bank.dora.post("/v1/channels", {"kind": "slack", "url": url, "roles": ["reviewer"]})).json()["channel_id"]
        for url in addresses
    ]
    for act, channel in (("test", channels[0]), ("remove", channels[-1])):
        assert (await bank.dora.post(f"/v1/channels/{channel}/{act}")).status_code == 200


async def test_every_part_built_anew_is_the_one_that_was(bank: Bank) -> None:
    await busy_days(bank)
    before = await rows_of(bank)
    assert {"PersonErased", "ApprovalRevoked", "CommentAdded", "SignOffWithdrawn"} <= set(await bank.service.site.event_types())
    assert all(before.values()), [table for table, rows in before.items() if not rows]
    for part in PARTS.values():
        await rebuild(bank.service.site.superuser_url, SCHEMA, OwnEvents(EVENT_REGISTRY, part), lambda done, of: None)
    assert await rows_of(bank) == before
